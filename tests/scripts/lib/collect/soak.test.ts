import { expect, it } from 'vitest'
import { runSoak } from './soak.ts'

// The whole one takes minutes: WHICHSUB_SOAK=1 npx vitest run tests/scripts/lib/collect/soak.test.ts
const isWhole = process.env.WHICHSUB_SOAK === '1'

it('collectors that are killed and resumed at random end with exactly the posts that the server has', {
	timeout: isWhole ? 3_600_000 : 120_000,
}, async () => {
	const seed = Number(process.env.WHICHSUB_SOAK_SEED ?? Date.now() % 100_000)
	const report = await runSoak(
		isWhole
			? { subreddits: 5_000, kills: 25, stops: 10, factor: 300, longestLifeMs: 4_000, seed }
			: { subreddits: 60, kills: 3, stops: 2, factor: 2_000, longestLifeMs: 500, seed },
	)
	if (isWhole) process.stderr.write(`${JSON.stringify({ seed, ...report }, null, 2)}\n`)
	expect(report, `seed ${seed}`).toMatchObject({
		missing: 0,
		surplus: 0,
		violations: 0,
	})
	expect(report.posts).toBeGreaterThan(0)
})
