// The gate: what a release must hold before production serves it. Pure.
import type {
	Churn,
	ComparisonReport,
	GateRule,
	GateVerdict,
	GroupComparison,
} from '../../../src/shared/comparison-report.ts'
import { formatShare, formatSigned } from '../../../src/shared/numbers.ts'
import { formatBytes, formatCount } from '../progress.ts'
import type { GateParameters } from './parameters.ts'

const NAMES_SHOWN = 10

/** What the rules are held against. */
export interface GateFigures
	extends Pick<ComparisonReport, 'a' | 'b' | 'recall@5' | 'groups' | 'went' | 'churn' | 'testSet'> {
	/** Of B's model file, as a page downloads it. */
	readonly downloadBytes: number
	/** Subreddits that B's policy leaves out, each with the reason in a word. */
	readonly refused: ReadonlyMap<string, string>
}

/** A rule that could not be measured is not passed. */
export function judgeGate(figures: GateFigures, limits: GateParameters): GateVerdict {
	const rules = [
		judgeRecall(figures, limits),
		...figures.groups.map((group) => judgeGroup(group, limits)),
		judgeCalibration(figures, limits),
		judgeDownload(figures, limits),
		judgeVanished(figures, limits),
		judgeChurn('first', figures.churn, limits),
		judgeChurn('five', figures.churn, limits),
	]
	return { passed: rules.every(({ passed }) => passed), rules }
}

function judgeRecall(
	{ a, b, 'recall@5': { difference, low, high } }: GateFigures,
	{ recallMargin }: GateParameters,
): GateRule {
	const passed = low > -recallMargin
	const interval = `${signed(difference)}, with 95% confidence between ${signed(low)} and ${signed(high)}`
	return {
		name: 'recallMargin',
		value: low,
		limit: -recallMargin,
		passed,
		says: `recall@5 ${a.metrics['recall@5'].toFixed(4)} → ${b.metrics['recall@5'].toFixed(4)} on ${formatCount(b.metrics.posts)} posts: ${interval}, ${passed ? `not lower by the margin of ${recallMargin}` : `and it may be lower by ${recallMargin} or more`}`,
	}
}

/** A fall beyond the margin that chance does not explain. */
function judgeGroup(
	{ name, posts, 'recall@5': recall }: GroupComparison,
	{ groupMargin, groupMargins }: GateParameters,
): GateRule {
	const margin = groupMargins[name] ?? groupMargin
	const isBeyond = recall.difference < -margin
	const isChance = recall.high >= 0
	const outcome = isBeyond
		? isChance
			? `more than the margin of ${margin}, but it may be chance`
			: `a fall by more than the margin of ${margin}`
		: `within the margin of ${margin}`
	return {
		name: `groupMargin of ${name}`,
		value: recall.difference,
		limit: -margin,
		passed: !isBeyond || isChance,
		says: `${name}: recall@5 ${recall.a.toFixed(4)} → ${recall.b.toFixed(4)} on ${formatCount(posts)} posts (${signed(recall.low)} … ${signed(recall.high)}), ${outcome}`,
	}
}

function judgeCalibration(
	{ b: { metrics } }: GateFigures,
	{ maxCalibrationError }: GateParameters,
): GateRule {
	const { ece, 'ece@5': ofFive = 0 } = metrics
	return atMost(
		'maxCalibrationError',
		Math.max(ece, ofFive),
		maxCalibrationError,
		`calibration error ${ece.toFixed(4)} of the first suggestion and ${ofFive.toFixed(4)} of all five; at most ${maxCalibrationError} is allowed`,
	)
}

function atMost(name: string, value: number, limit: number, says: string): GateRule {
	return { name, value, limit, passed: value <= limit, says }
}

function judgeDownload(
	{ downloadBytes }: GateFigures,
	{ maxDownloadBytes }: GateParameters,
): GateRule {
	const says = `a page downloads a model of ${formatBytes(downloadBytes)}; the budget is ${formatBytes(maxDownloadBytes)}`
	return atMost('maxDownloadBytes', downloadBytes, maxDownloadBytes, says)
}

/** What the policy leaves out is meant to vanish. */
function judgeVanished(
	{ went, refused }: GateFigures,
	{ maxVanishedLabels }: GateParameters,
): GateRule {
	const lost = went.filter(({ label }) => !refused.has(label.toLowerCase()))
	const named = lost.slice(0, NAMES_SHOWN).map(({ label }) => `r/${label}`)
	const more = lost.length - named.length
	const list = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
	const byPolicy = countReasons(went, refused)
	const says =
		lost.length === 0
			? 'every subreddit that the policy allows can still be suggested'
			: `${lost.length} can no longer be suggested (at most ${maxVanishedLabels} are allowed): ${list}`
	const left = byPolicy === '' ? '' : `; left out by the policy: ${byPolicy}`
	return atMost('maxVanishedLabels', lost.length, maxVanishedLabels, says + left)
}

/** As in `12 gone, 3 over18`; empty for none. */
function countReasons(went: GateFigures['went'], refused: GateFigures['refused']): string {
	const counts = new Map<string, number>()
	for (const { label } of went) {
		const reason = refused.get(label.toLowerCase())
		if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
	}
	return [...counts].map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')
}

const CHURN = {
	first: { name: 'maxChurnFirst', what: 'another first suggestion for' },
	five: { name: 'maxChurnFive', what: 'other subreddits among the five:' },
} as const

/** The set of older posts whose suggestions changed most decides. */
function judgeChurn(
	which: keyof typeof CHURN,
	churn: readonly Churn[],
	limits: GateParameters,
): GateRule {
	const { name, what } = CHURN[which]
	const limit = limits[name]
	const older = churn.filter(({ kind }) => kind === 'history')
	const values = older.map((set) => set[which].value)
	if (values.length === 0)
		return {
			name,
			value: null,
			limit,
			passed: false,
			says: 'there are no older posts to compare suggestions on: ingest some, or name dumps with --history',
		}
	const list = older.map((set) => `${formatShare(set[which].value)} of ${set.name}`).join(', ')
	const says = `${what} ${list}; at most ${formatShare(limit)} is allowed`
	return atMost(name, Math.max(...values), limit, says)
}

function signed(value: number): string {
	return formatSigned(value, 4)
}
