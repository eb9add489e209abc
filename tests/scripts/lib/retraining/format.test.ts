import { describe, expect, it } from 'vitest'
import { snapshotOf } from '../../../../scripts/lib/evaluation/models.ts'
import { recordComparison } from '../../../../scripts/lib/nodes/compare.ts'
import { publish } from '../../../../scripts/lib/nodes/publish.ts'
import { readExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { formatRetraining } from '../../../../scripts/lib/retraining/format.ts'
import type { ComparisonReport } from '../../../../src/shared/comparison-report.ts'
import { makeCandidate, recordModel } from '../../../fixtures/candidate.ts'
import { TOPICS } from '../../../fixtures/corpus.ts'
import { testEffects } from '../../../fixtures/effects.ts'

const { cats = [], linux = [] } = TOPICS

describe('formatRetraining', () => {
	it('warns before a promotion that would be a step back, and only then', async () => {
		const effects = await testEffects()
		const candidate = await makeCandidate(effects)
		const poor = await recordModel(
			'quantize',
			await readExecution(effects, 2),
			snapshotOf(candidate),
			{ cats, linux },
			effects,
		)
		const { manifest } = await publish({ why: '', dryRun: true }, effects)
		const executions = [await readExecution(effects, poor.id)]
		const feedback = { titles: [], unusable: 0, conflicts: 0 }
		const admission = {
			titles: [],
			contradictions: 2,
			heldBack: [{ why: 'burst', what: 'a file', titles: 300 }] as const,
			overLimit: 0,
		}
		const format = (comparison: ComparisonReport | null) =>
			formatRetraining(
				{ manifest, executions, feedback, feedbackLeftOut: 7, admission, comparison, risen: [] },
				effects,
			)
		const compare = async (a: string, b: string) =>
			(await recordComparison({ a, b }, effects)).comparison
		const [good, bad] = [`${candidate.id}`, `${poor.id}`]
		const warning = 'warning: the release is worse than production'
		expect(format(await compare(good, bad))).toContain(warning)
		expect(format(await compare(bad, good))).not.toContain(warning)
		expect(format(null)).not.toContain(warning)
		expect(format(null)).toContain('left out of it: 7 titles')
		expect(format(null)).toContain('300 titles of a file left out as suspicious (burst)')
		expect(format(null)).toContain('2 titles stand in the posts under other subreddits only')
	})
})
