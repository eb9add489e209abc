import { describe, expect, it } from 'vitest'
import { type GateFigures, judgeGate } from '../../../../scripts/lib/comparison/gate.ts'
import { GateParameters } from '../../../../scripts/lib/comparison/parameters.ts'
import { formatText, sectionOfRules } from '../../../../scripts/lib/reports/document.ts'
import { ComparisonReport } from '../../../../src/shared/comparison-report.ts'
import { parseWith } from '../../../../src/shared/parse.ts'
import { COMPARISON } from '../../../fixtures/comparison-report.ts'

const LIMITS = parseWith(GateParameters, {}, 'limits')

const FIGURES: GateFigures = {
	...COMPARISON,
	'recall@5': { difference: 0.01, low: -0.002, high: 0.022, p: 0.1 },
	downloadBytes: 7_900_000,
	refused: new Map(),
}

function judge(change: Partial<GateFigures>, limits = LIMITS) {
	const verdict = judgeGate({ ...FIGURES, ...change }, limits)
	return { ...verdict, failed: verdict.rules.filter(({ passed }) => !passed) }
}

function withGroup(recall: { difference: number; low: number; high: number }) {
	const [group] = COMPARISON.groups
	if (!group) throw new Error('the fixture has no group')
	return { groups: [{ ...group, 'recall@5': { ...group['recall@5'], ...recall } }] }
}

function withChurn(first: number, five: number) {
	return {
		churn: COMPARISON.churn.map((set) => ({
			...set,
			first: { value: first, low: first, high: first },
			five: { value: five, low: five, high: five },
		})),
	}
}

describe('judgeGate', () => {
	it('passes what holds every rule, and names each with its figure, limit and a sentence', () => {
		const { passed, rules } = judge({})
		expect(passed).toBe(true)
		expect(rules.map(({ name }) => name)).toEqual([
			'recallMargin',
			'groupMargin of politics',
			'maxCalibrationError',
			'maxDownloadBytes',
			'maxVanishedLabels',
			'maxChurnFirst',
			'maxChurnFive',
		])
		for (const { says, value } of rules) {
			expect(says).not.toMatch(/NaN|undefined|null/)
			expect(Number.isFinite(value)).toBe(true)
		}
		expect(
			parseWith(ComparisonReport, { ...COMPARISON, gate: { passed, rules } }, 'x'),
		).toBeTruthy()
	})

	it.each<[string, Partial<GateFigures>, string]>([
		[
			'recallMargin',
			{ 'recall@5': { difference: 0.001, low: -0.0051, high: 0.008, p: 0.7 } },
			'it may be lower by 0.005 or more',
		],
		[
			'groupMargin of politics',
			withGroup({ difference: -0.03, low: -0.05, high: -0.01 }),
			'a fall by more than the margin of 0.02',
		],
		[
			'maxCalibrationError',
			{ b: { name: 'B', metrics: { ...COMPARISON.b.metrics, 'ece@5': 0.04 } } },
			'0.0400 of all five',
		],
		['maxDownloadBytes', { downloadBytes: 8_000_001 }, 'the budget is 8.0 MB'],
		[
			'maxVanishedLabels',
			{ went: Array.from({ length: 26 }, (_, at) => ({ label: `sub${at}`, posts: 0 })) },
			'r/sub9 and 16 more',
		],
		['maxChurnFirst', withChurn(0.7, 0.2), '70.0% of posts of 2013-05; at most 65.0% is allowed'],
		['maxChurnFive', withChurn(0.2, 0.8), '80.0% of posts of 2013-05; at most 70.0% is allowed'],
	])('refuses by %s alone', (name, change, says) => {
		const { passed, failed } = judge(change)
		expect(passed).toBe(false)
		expect(failed).toMatchObject([{ name }])
		expect(failed[0]?.says).toContain(says)
	})

	it('lets go what the policy leaves out, and says why', () => {
		const went = Array.from({ length: 30 }, (_, at) => ({ label: `Sub${at}`, posts: 0 }))
		const refused = new Map(went.slice(0, 6).map(({ label }) => [label.toLowerCase(), 'gone']))
		const { passed, rules } = judge({ went, refused })
		expect(passed).toBe(true)
		const rule = rules.find(({ name }) => name === 'maxVanishedLabels')
		expect(rule).toMatchObject({ value: 24, passed: true })
		expect(rule?.says).toContain('left out by the policy: 6 gone')
	})

	it('takes a fall of a group that may be chance, or that its own margin admits', () => {
		const chance = withGroup({ difference: -0.03, low: -0.07, high: 0.01 })
		expect(judge(chance).passed).toBe(true)
		const fall = withGroup({ difference: -0.03, low: -0.05, high: -0.01 })
		expect(judge(fall, { ...LIMITS, groupMargins: { politics: 0.04 } }).passed).toBe(true)
		expect(judge(fall, { ...LIMITS, groupMargins: { cats: 0.04 } }).passed).toBe(false)
	})

	it('does not pass what it could not measure', () => {
		const { passed, failed } = judge({ churn: COMPARISON.churn.slice(0, 1) })
		expect(passed).toBe(false)
		expect(failed).toMatchObject([
			{ name: 'maxChurnFirst', value: null },
			{ name: 'maxChurnFive', value: null },
		])
	})

	it('is said in a line a rule', () => {
		const { rules } = judge({ downloadBytes: 9_000_000 })
		const lines = formatText([sectionOfRules('The gate', rules)]).split('\n')
		expect(lines.filter((line) => line.startsWith('FAILED  maxDownloadBytes'))).toHaveLength(1)
		expect(lines.filter((line) => line.startsWith('ok  '))).toHaveLength(6)
	})
})
