// `drift.yml` and `model.yml`, step by step: drift starts a retraining, and a retraining proposes a release.
import { describe, expect, it } from 'vitest'
import { CORPUS_UNTIL } from '../fixtures/candidate.ts'
import { makeCorpus } from '../fixtures/corpus.ts'
import { FIRST, MINUTES, useModelWorld } from './model-world.ts'

const model = useModelWorld()

describe('drift', () => {
	const look = () =>
		model().world.runner.run('drift.yml', { eventName: 'schedule', secrets: model().secrets })

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
			await model().addPosts(posts)
			const looked = await look()
			expect(looked.jobs.look?.result, looked.log).toBe('success')
			expect(model().world.github.started).toMatchObject([{ workflow: 'model.yml', ref: 'main' }])
			const why = model().world.github.started[0]?.inputs.why ?? ''
			expect(why).toContain('drift')
			const { jobs, log } = await model().world.runner.run('model.yml', {
				eventName: 'workflow_dispatch',
				inputs: { why },
				secrets: model().secrets,
			})
			expect(jobs, log).toMatchObject({
				retrain: { result: 'success' },
				propose: { result: 'success' },
			})
			const [proposal] = model().world.github.pullRequests
			expect(proposal?.title).toMatch(/^Release \d{8}\.0 to staging$/)
			const { channels } = await model().world.releases(proposal?.head.ref)
			expect(channels).toMatchObject({
				production: FIRST,
				staging: proposal?.head.ref.replace('release/', ''),
			})
			expect((await model().world.releases()).channels.staging).toBeNull()
			// The next day: the proposal waits for an answer.
			await look()
			expect(model().world.github.started).toHaveLength(1)
		},
		15 * MINUTES,
	)
})
