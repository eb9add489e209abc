// Where a report's figures come from: a release, the record of a step, or a file that a command printed.
import type * as v from 'valibot'
import {
	type ComparisonFigures,
	compareReports,
	readComparison as toFigures,
} from '../../../src/charts/comparison-figures.ts'
import { nameNew } from '../../../src/charts/findings/drift.ts'
import { capitalize } from '../../../src/charts/format.ts'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import { DriftReport } from '../../../src/shared/drift-report.ts'
import { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { parseJsonWith, parseWith } from '../../../src/shared/parse.ts'
import { nameOfTwin } from '../../../src/shared/published-figures.ts'
import { UseReport } from '../../../src/shared/use-report.ts'
import type { Effects } from '../effects.ts'
import { readReport } from '../evaluation/evaluate-step.ts'
import {
	describeModel,
	findModel,
	findModelExecution,
	type ModelRef,
	readOutput,
	readReleaseManifest,
} from '../evaluation/models.ts'
import { readUse as readUseReport } from '../feedback/export.ts'
import { readTextFile } from '../files.ts'
import { requireEvaluation } from '../nodes/evaluate.ts'
import { type ArtifactRef, COMPARISON_FILE, DRIFT_FILE } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { isExecutionReference, listExecutions } from '../pipeline/executions.ts'
import { readReleaseReport } from '../release-files/release.ts'
import type { Publishable } from './publish-figures.ts'

export interface ReportSubject {
	/** A release, a channel or an execution; two of them as `A..B`; `drift`; `use`. */
	readonly subject: string
	/** A JSON file that the command with `--json` printed, in place of the newest record. */
	readonly figures?: string | undefined
}

export interface ReportSource {
	readonly data: ReportData
	/** What the page could show, too: null for figures that belong to a release already, or to nobody but who made them. */
	readonly publishable: Publishable | null
	/** The models that it is about, as they were named; none where it is about posts or people. */
	readonly models: readonly string[]
}

/** @throws AppError `not-found` with the command that makes the figures, `bad-data`, `damaged` */
export async function readReportSource(
	{ subject, figures }: ReportSubject,
	effects: Effects,
): Promise<ReportSource> {
	const made = effects.now().toISOString()
	if (subject === 'drift') return readDrift(made, figures, effects)
	if (subject === 'use') return readUse(made, figures, effects)
	const [a, b, ...rest] = subject.split('..')
	if (!a || b === '' || rest.length > 0)
		throw new AppError(
			'bad-input',
			`report: ${subject}; name a release, two as A..B, "drift" or "use"`,
		)
	if (b === undefined) return readEvaluation(made, { ref: a, figures }, effects)
	return readComparison(made, { a, b, figures }, effects)
}

interface NamedEvaluation {
	/** As in `release 20200602.0` or `execution #56`. */
	readonly name: string
	readonly report: StoredEvaluationReport
	/** Where the report is that of a twin, until when that was trained. */
	readonly twin?: { readonly trainedUntil: string }
}

/**
 * @param ref a version, a channel, or an execution by number
 * @throws AppError `not-found`, `damaged`, `bad-data`
 */
async function readEvaluationOf(ref: string, effects: Effects): Promise<NamedEvaluation> {
	if (isExecutionReference(ref)) {
		const model = await findModelExecution(ref, effects)
		const report = await readReport(await requireEvaluation(model, effects), effects)
		return { name: `execution #${model.id}`, report }
	}
	const manifest = await readReleaseManifest(ref, effects)
	const { version, twin } = manifest
	const report = await readReleaseReport(effects.modelsDir, manifest)
	return { name: `release ${version}`, report, ...(twin ? { twin } : {}) }
}

async function readEvaluation(
	made: string,
	{ ref, figures }: { readonly ref: string; readonly figures: string | undefined },
	effects: Effects,
): Promise<ReportSource> {
	const evaluation: NamedEvaluation = figures
		? { name: ref, report: await readFigures(StoredEvaluationReport, figures) }
		: await readEvaluationOf(ref, effects)
	const heading = capitalize(evaluation.name)
	const data = { kind: 'evaluation', made, heading, ...evaluation } as const
	return { data, publishable: null, models: [ref] }
}

interface Pair {
	readonly a: string
	readonly b: string
	readonly figures: string | undefined
}

async function readComparison(made: string, pair: Pair, effects: Effects): Promise<ReportSource> {
	if (!pair.figures) await checkDifferent(pair, effects)
	const report = await findComparison(pair, effects)
	if (report)
		return {
			data: toComparisonData(made, toFigures(report)),
			publishable: { kind: 'comparison', report },
			models: [pair.a, pair.b],
		}
	const [a, b] = [await readEvaluationOf(pair.a, effects), await readEvaluationOf(pair.b, effects)]
	effects.err(
		`no comparison of ${a.name} and ${b.name} is recorded: this is what their two evaluations say, without intervals of the difference; for these, run: compare ${pair.a} ${pair.b}`,
	)
	return {
		data: toComparisonData(made, compareReports(a, b)),
		publishable: null,
		models: [pair.a, pair.b],
	}
}

function toComparisonData(made: string, figures: ComparisonFigures): ReportData {
	const heading = `${capitalize(figures.a.name)} → ${figures.b.name}`
	return { kind: 'comparison', made, heading, figures }
}

/** @throws AppError `bad-input` where both names are one model's */
async function checkDifferent({ a, b }: Pair, effects: Effects): Promise<void> {
	if ((await readName(a, effects)).name === (await readName(b, effects)).name)
		throw new AppError(
			'bad-input',
			`report: ${a}..${b} is one and the same model, which shows no change; name two different ones`,
		)
}

/** What was measured on the same posts, or null where nothing was. */
async function findComparison(
	{ a, b, figures }: Pair,
	effects: Effects,
): Promise<ComparisonReport | null> {
	if (figures) return readFigures(ComparisonReport, figures)
	const [namedA, namedB] = [await readName(a, effects), await readName(b, effects)]
	const record = (await listWithOutput(COMPARISON_FILE, effects)).findLast(
		({ inputs }) => findNameOf(namedA, inputs.a) && findNameOf(namedB, inputs.b),
	)
	if (!record) return null
	const report = await readRecorded(ComparisonReport, record, { name: COMPARISON_FILE, effects })
	const nameOf = (named: Named, input: ArtifactRef | undefined, before: string) =>
		findNameOf(named, input) ?? before
	return {
		...report,
		a: { ...report.a, name: nameOf(namedA, record.inputs.a, report.a.name) },
		b: { ...report.b, name: nameOf(namedB, record.inputs.b, report.b.name) },
	}
}

/** A model, and what people call it. */
interface Named {
	readonly ref: ModelRef
	readonly name: string
}

async function readName(reference: string, effects: Effects): Promise<Named> {
	const ref = await findModel(reference, effects)
	return { ref, name: (await describeModel(ref, effects)).name }
}

/**
 * What people call a model of a recorded comparison; undefined where it is another one. Bytes alone do not tell: two releases may
 * have one model, or one twin, with different priors.
 */
export function findNameOf(
	{ ref, name }: Pick<Named, 'name'> & { readonly ref: ArtifactRef },
	input: ArtifactRef | undefined,
): string | undefined {
	if (!input) return undefined
	if (!input.twinOf) return isSame(ref, input) ? name : undefined
	return ref.kind === 'release' && ref.name === input.twinOf ? nameOfTwin(name) : undefined
}

function isSame(one: ArtifactRef, other: ArtifactRef): boolean {
	const isNamed = one.kind !== 'release' || one.name === other.name
	return one.kind === other.kind && one.sha256 === other.sha256 && isNamed
}

async function readDrift(
	made: string,
	figures: string | undefined,
	effects: Effects,
): Promise<ReportSource> {
	const report = figures ? await readFigures(DriftReport, figures) : await readNewestDrift(effects)
	const heading = `Drift of release ${report.release}: ${nameNew(report.current)}`
	return {
		data: { kind: 'drift', made, heading, report },
		publishable: { kind: 'drift', report },
		models: [],
	}
}

async function readNewestDrift(effects: Effects): Promise<DriftReport> {
	const record = (await listWithOutput(DRIFT_FILE, effects)).at(-1)
	if (!record)
		throw new AppError(
			'not-found',
			'no drift was measured yet; run: drift --release VERSION --current FILE',
		)
	return readRecorded(DriftReport, record, { name: DRIFT_FILE, effects })
}

async function readUse(
	made: string,
	figures: string | undefined,
	effects: Effects,
): Promise<ReportSource> {
	const report = figures ? await readFigures(UseReport, figures) : await readUseReport(effects)
	const data = { kind: 'use', made, heading: 'What people picked', report } as const
	return { data, publishable: null, models: [] }
}

/** The finished executions that made such a file, oldest first. */
async function listWithOutput(name: string, effects: Effects): Promise<Execution[]> {
	const records = await listExecutions(effects)
	return records.filter(({ outputs }) => outputs.some((output) => output.name === name))
}

async function readRecorded<Schema extends v.GenericSchema>(
	schema: Schema,
	record: Execution,
	{ name, effects }: { readonly name: string; readonly effects: Effects },
): Promise<v.InferOutput<Schema>> {
	return shorten(schema, await readOutput(record, name, schema, effects), name)
}

async function readFigures<Schema extends v.GenericSchema>(
	schema: Schema,
	path: string,
): Promise<v.InferOutput<Schema>> {
	const text = await readTextFile(path, 'figures')
	return shorten(schema, parseJsonWith(schema, text, path), path)
}

/** Dumps keep their names only: a report goes to people who have nothing to do with this machine's folders. */
function shorten<Schema extends v.GenericSchema>(
	schema: Schema,
	figures: v.InferOutput<Schema>,
	what: string,
): v.InferOutput<Schema> {
	const replace = (_: string, value: unknown) =>
		typeof value === 'string' ? withoutFolders(value) : value
	return parseWith(schema, JSON.parse(JSON.stringify(figures), replace), what)
}

/** Of paths that begin at a root, here or above; `r/pics` is none. */
export function withoutFolders(text: string): string {
	return text.replace(/(^|[\s"'(])(?:~|\.{1,2})?\/(?:[^\s/]+\/)*(?=[^\s/])/g, '$1')
}
