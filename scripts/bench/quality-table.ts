// What `bench -- quality` prints: a table with a column for each release, and the same as figures.
import type { Metrics } from '../../src/shared/metrics.ts'
import { formatInstant } from '../lib/evaluation/format.ts'
import { formatCount } from '../lib/progress.ts'
import { formatTable } from '../lib/table.ts'
import type { Figure, TabledFigures } from './benchmark.ts'
import { type Claims, COUNT_GROUPS, MAX_CLAIM_GAP, SHARE_GROUPS } from './claim-tally.ts'
import type { Quality } from './quality-measure.ts'
import type { QualityPosts } from './quality-posts.ts'
import { SIXTY_TITLES } from './sixty-titles.ts'

/** A figure of each release; null: not measured. */
interface Row {
	readonly name: string
	readonly unit: string
	readonly values: readonly (number | null)[]
}

const WHOLE: readonly (readonly [keyof Metrics, string])[] = [
	['recall@1', 'recall@1'],
	['recall@5', 'recall@5'],
	['recall@5.weighted', 'recall@5 by subscribers'],
	['macroF1', 'macro F1'],
	['ece', 'calibration error'],
]

const DAY_MS = 86_400_000

const OF_SIXTY = `of ${SIXTY_TITLES.length}`

/** Groups of titles whose recall is shown. */
const MADE: readonly (readonly [string, string])[] = [
	['first 2', 'the first two words'],
	['first 4', 'the first four words'],
	['telling', 'the most telling word alone'],
	['among', 'that word among five frequent ones'],
]

/** Begins the names of groups of half-typed titles. */
const TYPED = 'typed '

/** Groups in which what is claimed must be true. */
const CLAIMS: readonly (readonly [string, string])[] = [
	...SHARE_GROUPS.map((group) => [`share ${group}`, `words known: ${group}`] as const),
	...COUNT_GROUPS.map((group) => [`count ${group}`, `prefixes, known words: ${group}`] as const),
	...COUNT_GROUPS.map(
		(group) => [`${TYPED}${group}`, `half-typed, known words: ${group}`] as const,
	),
]

export function describeQuality(measured: readonly Quality[], posts: QualityPosts): TabledFigures {
	const rows = [...wholeRows(measured, posts), ...madeRows(measured), ...otherRows(measured)]
	const { testSet, drawn, postCount } = posts
	const { from, until } = testSet.window()
	const versions = measured.map(({ manifest }) => manifest.version)
	const text = [
		`${testSet.name}: ${formatCount(testSet.total)}${postCount > testSet.total ? ` of ${formatCount(postCount)}` : ''} posts from ${formatInstant(from)} until ${formatInstant(until)}`,
		...measured.map((quality) => describeSubject(quality, posts)),
		'',
		formatTable([['', ...versions], ...rows.map(formatRow)]),
		'',
		`what is claimed for the first suggestion and how often it is right, of ${formatCount(drawn)} of these titles, whole or with`,
		`words made unknown, of their first 1, 2, 4, 8 and 12 words, and of titles after each letter of their last three words; over ${MAX_CLAIM_GAP} apart: !`,
		formatClaims(measured),
		'',
		...measured.map(formatSixty),
	]
	const note = `${testSet.name}, ${measured[0]?.says}`
	return {
		figures: [...toFigures(rows, versions, note), ...toClaimFigures(measured)],
		text: text.join('\n'),
	}
}

function describeSubject(quality: Quality, posts: QualityPosts): string {
	const { manifest, says, report } = quality
	const published = !report && findMetrics(quality, posts)
	return `  ${manifest.version}: ${says}${published ? '; of whole titles, the figures of its manifest' : ''}`
}

/** As measured, else as published where that was on these posts. */
function findMetrics(
	{ manifest, report }: Quality,
	{ testSet, postCount }: QualityPosts,
): Metrics | null {
	if (report) return report.metrics
	const { from, until } = testSet.window()
	const isSameDay = (a: string, b: string) => Math.abs(Date.parse(a) - Date.parse(b)) < DAY_MS
	const { testFrom, testUntil } = manifest.metrics
	const isSame =
		isSameDay(testFrom, from) && isSameDay(testUntil, until) && testSet.total === postCount
	return isSame ? manifest.metrics : null
}

function wholeRows(measured: readonly Quality[], posts: QualityPosts): Row[] {
	return WHOLE.map(([key, name]) => ({
		name: 'whole titles',
		unit: name,
		values: measured.map((quality) => findMetrics(quality, posts)?.[key] ?? null),
	}))
}

function madeRows(measured: readonly Quality[]): Row[] {
	return MADE.flatMap(([group, name]) =>
		(['recall@1', 'recall@5'] as const).map((unit) => ({
			name,
			unit,
			values: measured.map(({ claims }) => claims.get(group)?.[unit] ?? null),
		})),
	)
}

function otherRows(measured: readonly Quality[]): Row[] {
	const row = (name: string, unit: string, value: (quality: Quality) => number | null) => ({
		...{ name, unit },
		values: measured.map(value),
	})
	const countSixty = (isGood: (rank: number) => boolean) => (quality: Quality) =>
		quality.sixty.filter(({ rank }) => isGood(rank)).length
	const half = ({ typing }: Quality) => typing?.['recall@5'].open ?? null
	const search = (name: string, where: 'node' | 'worker', which: 'search' | 'tailSearch') =>
		(
			[
				['ms, median', 'median'],
				['ms, 95 of 100', 'p95'],
				['ms, 99 of 100', 'p99'],
			] as const
		).map(([unit, key]) => row(name, unit, (quality) => quality[which]?.[where]?.[key] ?? null))
	return [
		row('half-typed words, the last three of a title', 'recall@5', half),
		row(
			'the same words, finished',
			'recall@5',
			({ typing }) => typing?.['recall@5'].finished ?? null,
		),
		row('half-typed beside finished', 'ratio', (quality) => {
			const finished = quality.typing?.['recall@5'].finished ?? 0
			return finished > 0 ? (half(quality) ?? 0) / finished : null
		}),
		row('keys that change the first suggestion', 'share', ({ typing }) => typing?.changes ?? null),
		row('and change it back', 'share', ({ typing }) => typing?.flicker ?? null),
		row(
			'and back, unfinished words read as they stand',
			'share',
			({ typing }) => typing?.flickerAsTheyStand ?? null,
		),
		row('unseen subreddits', 'recall@5', unseenRecall),
		...search('a search of the index (of the processor)', 'node', 'search'),
		...search('the same in Chromium’s worker (by the clock)', 'worker', 'search'),
		...search('a search of the long tail (of the processor)', 'node', 'tailSearch'),
		...search('the same in Chromium’s worker (by the clock)', 'worker', 'tailSearch'),
		row('the long tail on the wire', 'MB', ({ manifest }) => (manifest.tail?.bytes ?? 0) / 1e6),
		row(
			'sixty titles: acceptable first',
			OF_SIXTY,
			countSixty((rank) => rank === 0),
		),
		row(
			'sixty titles: among the five',
			OF_SIXTY,
			countSixty((rank) => rank >= 0),
		),
		row('on the wire', 'MB', ({ manifest }) => manifest.model.bytes / 1e6),
	]
}

/** As published, else as it was measured in the data folder for the same training. */
function unseenRecall({ manifest, model }: Quality): number | null {
	return manifest.metrics['unseen.recall@5'] ?? model?.unseenRecall ?? null
}

function formatRow({ name, unit, values }: Row): string[] {
	const isCount = unit === OF_SIXTY
	const format = (value: number) => (isCount ? formatCount(value) : value.toFixed(3))
	return [`${name}: ${unit}`, ...values.map((value) => (value === null ? '–' : format(value)))]
}

function formatClaims(measured: readonly Quality[]): string {
	const head = measured.flatMap(({ manifest }) => [
		`${manifest.version} claims`,
		'true',
		'apart',
		'titles',
	])
	const rows = CLAIMS.map(([group, name]) => [
		name,
		...measured.flatMap((quality) => formatClaim(findClaims(quality, group))),
	])
	return formatTable([['', ...head], ...rows])
}

function findClaims({ claims, typing }: Quality, group: string): Claims | undefined {
	return group.startsWith(TYPED) ? typing?.claims.get(group.slice(TYPED.length)) : claims.get(group)
}

function formatClaim(claims: Claims | undefined): string[] {
	if (!claims) return ['–', '–', '–', '–']
	const apart = claims.claimed - claims['recall@1']
	const mark = Math.abs(apart) > MAX_CLAIM_GAP ? ' !' : ''
	return [
		claims.claimed.toFixed(3),
		claims['recall@1'].toFixed(3),
		`${apart < 0 ? '−' : '+'}${Math.abs(apart).toFixed(3)}${mark}`,
		formatCount(claims.titles),
	]
}

function formatSixty({ manifest, sixty }: Quality): string {
	const list = (title: string, ranks: (rank: number) => boolean) => {
		const lines = sixty
			.filter(({ rank }) => ranks(rank))
			.map(
				(one) => `    ${one.title}: r/${one.first}${one.rank > 0 ? ` (no. ${one.rank + 1})` : ''}`,
			)
		return lines.length > 0 ? [`  ${title}`, ...lines] : []
	}
	return [
		`sixty titles by ${manifest.version} itself:`,
		...list('without an acceptable one among the five; first is', (rank) => rank === -1),
		...list('without an acceptable one first; first is (the acceptable one)', (rank) => rank > 0),
	].join('\n')
}

function toFigures(rows: readonly Row[], versions: readonly string[], note: string): Figure[] {
	return rows.flatMap(({ name, unit, values: [value = null, before = null] }) => {
		if (value === null) return []
		const peer = before === null ? {} : { peer: { name: versions[1] ?? '', value: before } }
		return [{ name, unit, value, ...peer, note }]
	})
}

function toClaimFigures(measured: readonly Quality[]): Figure[] {
	return measured.flatMap((quality) =>
		CLAIMS.flatMap(([group, name]): Figure[] => {
			const found = findClaims(quality, group)
			if (!found) return []
			const peer = { name: 'true', value: found['recall@1'] }
			return [
				{ name, value: found.claimed, unit: 'p@1 claimed', peer, note: quality.manifest.version },
			]
		}),
	)
}
