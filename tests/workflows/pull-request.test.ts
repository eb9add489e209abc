// `model.yml` and `model-comment.yml`, step by step: a pull request is measured and commented on, a bad one is held back.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MINUTES, TOKEN, useModelWorld } from './model-world.ts'

const model = useModelWorld()

/** A pull request that changes the parameters; each push to it is measured, and commented on. */
async function propose(branch: string, from: string, to: string) {
	await model().world.push(branch, (checkout) =>
		replaceIn(join(checkout, 'whichsub.yaml'), from, to),
	)
	const head = { ref: branch, sha: await model().world.commitOf(branch), owner: 'somebody' }
	return model().world.github.addPullRequest({ head })
}

async function replaceIn(path: string, from: string, to: string): Promise<void> {
	const text = await readFile(path, 'utf8')
	expect(text).toContain(from)
	await writeFile(path, text.replace(from, to))
}

/** The run of `model`, and then the one of `model-comment` that GitHub starts when it has ended. */
async function measure(branch: string, { isFork = false } = {}) {
	const secrets = isFork ? {} : model().secrets
	const measured = await model().world.runner.run('model.yml', {
		eventName: 'pull_request',
		ref: branch,
		secrets,
	})
	const { run } = measured
	const commented = await model().world.runner.run('model-comment.yml', {
		eventName: 'workflow_run',
		event: {
			workflow_run: {
				...run,
				event: 'pull_request',
				head_branch: branch,
				head_repository: { owner: { login: 'somebody' } },
			},
		},
	})
	expect(commented.jobs.comment?.result, commented.log).toBe('success')
	return measured
}

describe('a pull request', () => {
	it(
		'is measured and gets one comment; one that makes the model worse fails at the gate, and the comment says at which rule',
		async () => {
			const { number } = await propose('epochs', 'epochs: 3', 'epochs: 4')
			const { jobs, log } = await measure('epochs')
			expect(jobs.changed?.result, log).toBe('success')
			const [comment] = model().world.github.comments
			expect(comment).toMatchObject({ issue: number })
			expect(comment?.body).toContain('epochs: 3 → 4')
			expect(comment?.body).toContain('population stability index of p@1')
			expect(comment?.body).not.toContain('❌')
			const before = comment?.body
			// Its next push makes the model worse.
			await model().world.push(
				'epochs',
				(to) =>
					replaceIn(join(to, 'whichsub.yaml'), 'epochs: 4', 'epochs: 1, learningRate: 0.0001'),
				'epochs',
			)
			const pullRequest = model().world.github.pullRequests[0]
			if (pullRequest) pullRequest.head.sha = await model().world.commitOf('epochs')
			const worse = await measure('epochs')
			expect(worse.jobs.changed?.result, worse.log).toBe('failure')
			expect(model().world.github.comments).toHaveLength(1)
			expect(model().world.github.comments[0]?.body).not.toBe(before)
			expect(model().world.github.comments[0]?.body, worse.log).toContain('❌')
		},
		10 * MINUTES,
	)

	it(
		'from a fork is run without secrets: nothing is measured, and the comment says so',
		async () => {
			await propose('of-a-fork', 'epochs: 3', 'epochs: 6')
			const { jobs, log } = await measure('of-a-fork', { isFork: true })
			expect(jobs.changed?.result, log).toBe('success')
			expect(model().world.github.comments[0]?.body).toContain('The model was not measured')
			expect(log).not.toContain(TOKEN)
		},
		10 * MINUTES,
	)
})
