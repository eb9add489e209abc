// `model.yml`, `model-comment.yml` and `drift.yml`, step by step: a change is measured and commented on, a bad one is held back,
// drift starts a retraining, and a retraining proposes a release.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Effects } from '../../scripts/lib/effects.ts'
import { openPostsDatabase } from '../../scripts/lib/posts/database.ts'
import { openSource } from '../../scripts/lib/posts/sqlite/source-rows.ts'
import { writePosts } from '../../scripts/lib/posts/write-posts.ts'
import { main } from '../../scripts/main.ts'
import { CORPUS_FROM, CORPUS_UNTIL, fillDatabase } from '../fixtures/candidate.ts'
import { makeCorpus } from '../fixtures/corpus.ts'
import { serveDatabase } from '../fixtures/database-server.ts'
import { effectsIn } from '../fixtures/effects.ts'
import { World } from './world.ts'

const TOKEN = 'a-token-of-the-tests'
const FIRST = '20130705.0'
const PARAMETERS = `
snapshot: { until: 2013-06-01, testFrom: 2013-06-01, testUntil: 2013-07-01, validationShare: 0.1, minPosts: 2 }
train: { dim: 8, epochs: 3, threads: 1 }
quantize: { maxBytes: 100000, threads: 1 }
gate: { recallMargin: 0.05, maxCalibrationError: 0.3, groupMargin: 0.1 }
groups: { pets: [cats] }
retrain: { maxShareRise: 1 }
`
const MINUTES = 60_000

let world: World
let database: Awaited<ReturnType<typeof serveDatabase>>

/** The files of the first commit: small parameters, and a release that production serves. */
async function fill(checkout: string): Promise<void> {
	await writeFile(join(checkout, 'whichsub.yaml'), PARAMETERS)
	const effects: Effects = {
		...effectsIn(join(checkout, '.data'), { now: () => new Date('2013-07-05T12:00:00Z') }),
		modelsDir: join(checkout, 'public/models'),
		parametersFile: { path: join(checkout, 'whichsub.yaml'), isNamed: true },
	}
	await fillDatabase(effects)
	for (const args of [
		['run', 'evaluate'],
		['release', 'publish'],
		['release', 'promote', FIRST],
	])
		if ((await main(args, effects)) !== 0) throw new Error(`${args.join(' ')} failed`)
}

async function addPosts(posts: ReturnType<typeof makeCorpus>): Promise<void> {
	const effects = effectsIn('unused', { env: databaseEnv() })
	const opened = await openPostsDatabase(effects)
	const rows = posts.map((post) => ({ ...post, retrieved_utc: null }))
	await writePosts(opened, rows, await openSource(opened, 'test', effects.now()))
	opened.close()
}

function databaseEnv() {
	return { WHICHSUB_DATABASE_URL: database.url, WHICHSUB_DATABASE_TOKEN: TOKEN }
}

beforeAll(async () => {
	database = await serveDatabase({ token: TOKEN })
	world = await World.create(fill)
	await addPosts(makeCorpus({ postsPerSubreddit: 60, from: CORPUS_FROM, until: CORPUS_UNTIL }))
	// A few days after the test posts: what drift looks at.
	const days = { from: CORPUS_UNTIL, until: CORPUS_UNTIL + 5 * 86_400 }
	await addPosts(makeCorpus({ postsPerSubreddit: 20, ...days, seed: 2, idPrefix: 'newer' }))
}, 10 * MINUTES)
afterAll(async () => {
	await world.close()
	await database.close()
})
beforeEach(() => {
	world.github.comments.length = 0
	world.github.pullRequests.length = 0
	world.github.started.length = 0
})

/** A pull request that changes the parameters; each push to it is measured, and commented on. */
async function propose(branch: string, from: string, to: string) {
	await world.push(branch, (checkout) => replaceIn(join(checkout, 'whichsub.yaml'), from, to))
	const head = { ref: branch, sha: await world.commitOf(branch), owner: 'somebody' }
	return world.github.addPullRequest({ head })
}

async function replaceIn(path: string, from: string, to: string): Promise<void> {
	const text = await readFile(path, 'utf8')
	expect(text).toContain(from)
	await writeFile(path, text.replace(from, to))
}

/** The run of `model`, and then the one of `model-comment` that GitHub starts when it has ended. */
async function measure(branch: string, { isFork = false } = {}) {
	const secrets = isFork ? {} : databaseEnv()
	const measured = await world.runner.run('model.yml', {
		eventName: 'pull_request',
		ref: branch,
		secrets,
	})
	const { run } = measured
	const commented = await world.runner.run('model-comment.yml', {
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
		'is measured and gets one comment, which its next push updates',
		async () => {
			const { number } = await propose('more-epochs', 'epochs: 3', 'epochs: 4')
			const { jobs, log } = await measure('more-epochs')
			expect(jobs.changed?.result, log).toBe('success')
			const [comment] = world.github.comments
			expect(comment).toMatchObject({ issue: number })
			expect(comment?.body).toContain('epochs: 3 → 4')
			expect(comment?.body).toContain('population stability index of p@1')
			const before = comment?.body
			await world.push(
				'more-epochs',
				(to) => replaceIn(join(to, 'whichsub.yaml'), 'epochs: 4', 'epochs: 5'),
				'more-epochs',
			)
			const pullRequest = world.github.pullRequests[0]
			if (pullRequest) pullRequest.head.sha = await world.commitOf('more-epochs')
			await measure('more-epochs')
			expect(world.github.comments).toHaveLength(1)
			expect(world.github.comments[0]?.body).not.toBe(before)
		},
		10 * MINUTES,
	)

	it(
		'that makes the model worse fails at the gate, and its comment says at which rule',
		async () => {
			await propose('tiny', 'epochs: 3', 'epochs: 1, learningRate: 0.0001')
			const { jobs, log } = await measure('tiny')
			expect(jobs.changed?.result, log).toBe('failure')
			expect(world.github.comments[0]?.body, log).toContain('❌')
		},
		10 * MINUTES,
	)

	it(
		'from a fork is run without secrets: nothing is measured, and the comment says so',
		async () => {
			await propose('of-a-fork', 'epochs: 3', 'epochs: 6')
			const { jobs, log } = await measure('of-a-fork', { isFork: true })
			expect(jobs.changed?.result, log).toBe('success')
			expect(world.github.comments[0]?.body).toContain('The model was not measured')
			expect(log).not.toContain(TOKEN)
		},
		10 * MINUTES,
	)
})

describe('drift', () => {
	const look = () =>
		world.runner.run('drift.yml', { eventName: 'schedule', secrets: databaseEnv() })

	it(
		'starts a retraining once, which proposes a release for staging',
		async () => {
			// Titles of July are about other things than production has learnt.
			const posts = makeCorpus({
				postsPerSubreddit: 40,
				from: CORPUS_UNTIL,
				until: CORPUS_UNTIL + 20 * 86_400,
				topics: {
					cats: ['zorb', 'quux', 'blip'],
					linux: ['frob', 'wibble', 'snark'],
					xylophones: ['mallet', 'wood', 'bars'],
				},
				idPrefix: 'july',
			})
			await addPosts(posts)
			const looked = await look()
			expect(looked.jobs.look?.result, looked.log).toBe('success')
			expect(world.github.started).toMatchObject([{ workflow: 'model.yml', ref: 'main' }])
			const why = world.github.started[0]?.inputs.why ?? ''
			expect(why).toContain('drift')
			const { jobs, log } = await world.runner.run('model.yml', {
				eventName: 'workflow_dispatch',
				inputs: { why },
				secrets: databaseEnv(),
			})
			expect(jobs, log).toMatchObject({
				retrain: { result: 'success' },
				propose: { result: 'success' },
			})
			const [proposal] = world.github.pullRequests
			expect(proposal?.title).toMatch(/^Release \d{8}\.0 to staging$/)
			const { channels } = await world.releases(proposal?.head.ref)
			expect(channels).toMatchObject({
				production: FIRST,
				staging: proposal?.head.ref.replace('release/', ''),
			})
			expect((await world.releases()).channels.staging).toBeNull()
			// The next day: the proposal waits for an answer.
			await look()
			expect(world.github.started).toHaveLength(1)
		},
		15 * MINUTES,
	)
})
