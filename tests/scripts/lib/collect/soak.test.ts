import { expect, it } from 'vitest'
import { runSoak } from './soak.ts'

// The whole one takes minutes: WHICHSUB_SOAK=5000 npx vitest run tests/scripts/lib/collect/soak.test.ts
const subreddits = Number(process.env.WHICHSUB_SOAK ?? 0)
const isWhole = subreddits > 0

it('collectors that are killed and resumed at random end with exactly the posts that the server has', {
	timeout: isWhole ? 3_600_000 : 300_000,
}, async () => {
	const seed = Number(process.env.WHICHSUB_SOAK_SEED ?? Date.now() % 100_000)
	const kills = Math.ceil(subreddits / 200)
	const stops = Math.ceil(subreddits / 500)
	const report = await runSoak(
		isWhole
			? { subreddits, kills, stops, factor: 300, longestLifeMs: 4_000, seed }
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
