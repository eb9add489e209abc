// `drift`: how far new posts are from those that a release was tested on, and what that does to its recall.
import { adjustmentOf } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { DriftReport } from '../../../src/shared/drift-report.ts'
import type { EvaluationReport } from '../../../src/shared/evaluation-report.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { sayNewest } from '../../../src/shared/metrics.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { type AdjustedModel, evaluate, suggestForPosts } from '../evaluation/evaluate.ts'
import { ReportTally } from '../evaluation/report-tally.ts'
import { readLabels } from '../evaluation/scoring.ts'
import { listTitles, openDumps } from '../evaluation/titles.ts'
import { openRelease, readReleaseReport } from '../release-files/release.ts'
import { drawTitles } from './draw.ts'
import { type Baseline, type Measured, makeBaseline, measureAll, measureWindow } from './measure.ts'
import type { DriftStepParameters } from './parameters.ts'
import { type DatedSet, type Days, openTitles, type Titles } from './titles.ts'
import { judgeDrift } from './verdict.ts'

const DAY_MS = 86_400_000

export interface DriftOptions extends DriftStepParameters {
	/** A version or a channel. */
	readonly release: string
	/** Dumps; null: what the release's own report says of its test posts. */
	readonly reference: readonly string[] | null
	readonly current: Titles
}

/** @throws AppError `not-found`, `damaged`, `bad-input` where there are no posts or the release can be no reference */
export async function measureDrift(options: DriftOptions, effects: Effects): Promise<DriftReport> {
	const { manifest, model: bytes } = await openRelease(effects, options.release)
	const name = `release ${manifest.version}`
	const model = { name, bytes, labels: await readLabels(bytes), ...adjustmentOf(manifest) }
	const baseline = await openBaseline(options, manifest, model, effects)
	const days = chooseDays(options, baseline)
	const tallies = await tally(model, openTitles(options.current, days, effects), options, effects)
	const measures = measureAll(baseline, tallies.all, tallies.total)
	const report = {
		schema: 1,
		release: manifest.version,
		...measures,
		windows: tallies.months.map((month) => measureWindow(baseline, month)),
		verdict: judgeDrift(measures, options),
	}
	warnOfLearnt(manifest, tallies.all.sample, effects)
	return parseWith(DriftReport, report, `drift of ${name}`)
}

/** A model is surer of what it has learnt: that is no drift. */
function warnOfLearnt(
	{ version, data }: Manifest,
	{ name, from }: Measured['sample'],
	{ err }: Pick<Effects, 'err'>,
): void {
	if (data.until <= from) return
	err(
		`warning: release ${version} was trained on posts until ${data.until}: it may have learnt some of ${name}, and is surer of those than of new ones`,
	)
}

async function openBaseline(
	{ reference }: DriftOptions,
	manifest: Manifest,
	model: AdjustedModel,
	effects: Effects,
): Promise<Baseline> {
	if (reference === null) {
		const report = await readOwnReport(manifest, effects)
		warnOfNewest(report, model, effects)
		return makeBaseline(report, `test posts of ${model.name}`)
	}
	const dumps = openDumps(reference, effects)
	return makeBaseline(await evaluate(model, dumps, effects), dumps.name)
}

/** Test posts of which each subreddit has as many are another mixture than the posts of any time. */
function warnOfNewest(
	{ split, newest }: EvaluationReport,
	{ name }: Pick<AdjustedModel, 'name'>,
	{ err }: Pick<Effects, 'err'>,
): void {
	if (split !== 'newest') return
	err(
		`warning: ${name} was tested on ${sayNewest(newest)} posts, so large subreddits have a smaller share of its test posts than of posts of a month, and that alone looks like drift; name dumps of a month with --reference`,
	)
}

async function readOwnReport(manifest: Manifest, effects: Effects): Promise<EvaluationReport> {
	const report = await readReleaseReport(effects.modelsDir, manifest)
	if (report.schema === 2) return report
	throw new AppError(
		'bad-input',
		`the report of release ${manifest.version} is of an older kind, without the distribution of p@1; name dumps of the months that it was tested on with --reference`,
	)
}

/** Of the database, what came after the reference, unless somebody says which days. */
function chooseDays({ current, from, until }: DriftOptions, { sample }: Baseline): Days {
	const isOpen = from === null && current.kind === 'posts'
	const end = Math.ceil(Date.parse(sample.until) / DAY_MS) * (DAY_MS / 1000)
	return { from: isOpen ? end : from, until }
}

/** Adds up posts, and knows the days that they are of. */
class WindowTally {
	readonly #tally: ReportTally
	#first = Number.POSITIVE_INFINITY
	#last = Number.NEGATIVE_INFINITY

	constructor(labels: readonly string[]) {
		this.#tally = new ReportTally(labels)
	}

	add(post: Parameters<ReportTally['add']>[0]): void {
		this.#tally.add(post)
		if (post.day === undefined) return
		this.#first = Math.min(this.#first, post.day)
		this.#last = Math.max(this.#last, post.day)
	}

	finish(name: string, labelled: boolean): Measured {
		const [from, until] = [toInstant(this.#first), toInstant(this.#last + 1)]
		const figures = this.#tally.finish(from)
		return { sample: { name, from, until, posts: figures.metrics.posts }, labelled, figures }
	}
}

function toInstant(day: number): string {
	return new Date(Number.isFinite(day) ? day * DAY_MS : 0).toISOString()
}

interface Tallies {
	readonly all: Measured
	readonly months: readonly Measured[]
	/** How many titles there are, measured or not. */
	readonly total: number
}

async function tally(
	model: AdjustedModel,
	titles: DatedSet,
	{ byMonth, sample }: Pick<DriftOptions, 'byMonth' | 'sample'>,
	effects: Effects,
): Promise<Tallies> {
	const drawn = await drawTitles(titles, sample, effects)
	const all = new WindowTally(model.labels)
	const byName = new Map<string, WindowTally>()
	for await (const post of suggestForPosts(model, listTitles(drawn.titles), effects)) {
		all.add(post)
		if (!byMonth || post.day === undefined) continue
		const name = toInstant(post.day).slice(0, 7)
		const month = byName.get(name) ?? new WindowTally(model.labels)
		byName.set(name, month)
		month.add(post)
	}
	const { name, labelled } = titles
	const months = [...byName].sort(([a], [b]) => (a < b ? -1 : 1))
	return {
		all: all.finish(name, labelled),
		months: months.map(([month, posts]) => posts.finish(month, labelled)),
		total: drawn.total,
	}
}
