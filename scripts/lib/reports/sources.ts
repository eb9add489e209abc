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
import { describeModel, findModel } from '../evaluation/models.ts'
import { readUse as readUseReport } from '../feedback/export.ts'
import { readTextFile } from '../files.ts'
import { refTwin } from '../nodes/resolve.ts'
import { type ArtifactRef, COMPARISON_FILE, DRIFT_FILE } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { listExecutions } from '../pipeline/executions.ts'
import { findOutput } from '../pipeline/outputs.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { type NamedEvaluation, readEvaluationOf } from './evaluations.ts'
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
	const nameOf = async (ref: string) =>
		(await describeModel(await findModel(ref, effects), effects)).name
	if ((await nameOf(a)) === (await nameOf(b)))
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
	const [namesA, namesB] = [await namesOf(a, effects), await namesOf(b, effects)]
	const record = (await listWithOutput(COMPARISON_FILE, effects)).findLast(
		({ inputs }) => findNameOf(namesA, inputs.a) && findNameOf(namesB, inputs.b),
	)
	if (!record) return null
	const names = { a: findNameOf(namesA, record.inputs.a), b: findNameOf(namesB, record.inputs.b) }
	try {
		const report = await readOutput(ComparisonReport, record, { name: COMPARISON_FILE, effects })
		return {
			...report,
			a: { ...report.a, name: names.a ?? report.a.name },
			b: { ...report.b, name: names.b ?? report.b.name },
		}
	} catch (error) {
		// Comparisons from before there was a contract hold less.
		if (!(error instanceof AppError) || error.code !== 'bad-data') throw error
		return null
	}
}

/** A model, what people call it, and what is measured for it: itself, or the twin of a release that has one. */
interface Named {
	readonly ref: ArtifactRef
	readonly name: string
	readonly twin: ArtifactRef | null
}

async function namesOf(reference: string, effects: Effects): Promise<Named> {
	const ref = await findModel(reference, effects)
	const { name } = await describeModel(ref, effects)
	return { ref, name, twin: await refTwin(ref, effects) }
}

/**
 * What people call a model of a recorded comparison; undefined where it is another one. Bytes alone do not tell: two releases may
 * have one model, or one twin, with different priors.
 */
export function findNameOf(
	{ ref, name, twin }: Named,
	input: ArtifactRef | undefined,
): string | undefined {
	if (!input) return undefined
	const twinName = nameOfTwin(name)
	if (input.twinOf)
		return ref.kind === 'release' && ref.name === input.twinOf ? twinName : undefined
	if (isSame(ref, input)) return name
	// Records from before they said so.
	return twin && isSame(twin, input) && twin.execution === input.execution ? twinName : undefined
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
	return readOutput(DriftReport, record, { name: DRIFT_FILE, effects })
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

async function readOutput<Schema extends v.GenericSchema>(
	schema: Schema,
	record: Execution,
	{ name, effects }: { readonly name: string; readonly effects: Effects },
): Promise<v.InferOutput<Schema>> {
	const file = findOutput(record, name, effects)
	return parseFigures(schema, (await readRecordedFile(file)).toString('utf8'), file.path)
}

async function readFigures<Schema extends v.GenericSchema>(
	schema: Schema,
	path: string,
): Promise<v.InferOutput<Schema>> {
	return parseFigures(schema, await readTextFile(path, 'figures'), path)
}

/** Dumps keep their names only: a report goes to people who have nothing to do with this machine's folders. */
function parseFigures<Schema extends v.GenericSchema>(
	schema: Schema,
	text: string,
	path: string,
): v.InferOutput<Schema> {
	const figures = parseJsonWith(schema, text, path)
	const shorten = (_: string, value: unknown) =>
		typeof value === 'string' ? withoutFolders(value) : value
	return parseWith(schema, JSON.parse(JSON.stringify(figures), shorten), path)
}

/** Of paths that begin at a root, here or above; `r/pics` is none. */
export function withoutFolders(text: string): string {
	return text.replace(/(^|[\s"'(])(?:~|\.{1,2})?\/(?:[^\s/]+\/)*(?=[^\s/])/g, '$1')
}
