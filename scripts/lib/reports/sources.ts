// Where a report's figures come from: a release, the record of a step, the database, or a file that a command printed. Node.
import { join } from 'node:path'
import { compareReports } from '../../../src/charts/comparison-figures.ts'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { DriftReport } from '../../../src/shared/drift-report.ts'
import { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { UseReport } from '../../../src/shared/use-report.ts'
import type { Effects } from '../effects.ts'
import { findEvaluation, findModelExecution } from '../evaluation/models.ts'
import { readTextFile } from '../files.ts'
import { readManifest } from '../models/release.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import { EVALUATION_FILES } from '../pipeline/artifacts.ts'
import { isExecutionReference } from '../pipeline/executions.ts'
import { findOutput } from '../pipeline/outputs.ts'
import { readRecordedFile } from '../recorded-files.ts'

export interface ReportSubject {
	/** A release, a channel or an execution; two of them as `A..B`; `drift`; `use`. */
	readonly subject: string
	/** A JSON file that the command with `--json` printed, in place of the newest record. */
	readonly figures?: string | undefined
}

/** @throws AppError `not-found` with the command that makes the figures, `bad-data`, `damaged` */
export async function readReportData(
	{ subject, figures }: ReportSubject,
	effects: Effects,
): Promise<ReportData> {
	const made = effects.now().toISOString()
	if (subject === 'drift') return { made, ...(await readDrift(figures, effects)) }
	if (subject === 'use') return { made, ...(await readUse(figures)) }
	const [a, b, ...rest] = subject.split('..')
	if (!a || b === '' || rest.length > 0)
		throw new AppError(
			'bad-input',
			`report: ${subject}; name a release, two as A..B, "drift" or "use"`,
		)
	if (b === undefined) return { made, ...(await readEvaluationReport(a, figures, effects)) }
	return { made, ...(await readComparison(a, b, effects)) }
}

type Content<Kind extends ReportData['kind']> = Omit<Extract<ReportData, { kind: Kind }>, 'made'>

interface NamedReport {
	readonly name: string
	readonly report: StoredEvaluationReport
}

async function readEvaluationReport(
	ref: string,
	figures: string | undefined,
	effects: Effects,
): Promise<Content<'evaluation'>> {
	const { name, report } = figures
		? { name: ref, report: await readFigures(StoredEvaluationReport, figures) }
		: await readReport(ref, effects)
	return { kind: 'evaluation', heading: capitalize(name), name, report }
}

/** The report of a release, or of the newest evaluation of a candidate. */
async function readReport(ref: string, effects: Effects): Promise<NamedReport> {
	return isExecutionReference(ref)
		? readCandidateReport(ref, effects)
		: readReleasedReport(ref, effects)
}

async function readReleasedReport(
	release: string,
	{ modelsDir }: Pick<Effects, 'modelsDir'>,
): Promise<NamedReport> {
	const entry = findRelease(await readReleases(modelsDir), release)
	const { version, report } = await readManifest(modelsDir, entry)
	const path = join(modelsDir, version, report.file)
	const what = `report of release ${version}`
	const file = { path, record: report, what, remedy: 'restore it from a copy' }
	const text = (await readRecordedFile(file)).toString('utf8')
	return { name: `release ${version}`, report: parseJsonWith(StoredEvaluationReport, text, path) }
}

async function readCandidateReport(reference: string, effects: Effects): Promise<NamedReport> {
	const model = await findModelExecution(reference, effects)
	const evaluation = await findEvaluation(model, effects)
	if (!evaluation)
		throw new AppError(
			'not-found',
			`execution #${model.id} was not evaluated; run: evaluate --execution ${model.id}`,
		)
	const file = findOutput(evaluation, EVALUATION_FILES.report, effects)
	const text = (await readRecordedFile(file)).toString('utf8')
	const report = parseJsonWith(StoredEvaluationReport, text, file.path)
	return { name: `execution #${model.id}`, report }
}

async function readComparison(
	refA: string,
	refB: string,
	effects: Effects,
): Promise<Content<'comparison'>> {
	const [a, b] = [await readReport(refA, effects), await readReport(refB, effects)]
	const heading = `${capitalize(a.name)} → ${b.name}`
	return { kind: 'comparison', heading, figures: compareReports(a, b) }
}

async function readDrift(
	figures: string | undefined,
	_effects: Effects,
): Promise<Content<'drift'>> {
	if (!figures)
		throw new AppError('not-found', 'no drift was measured yet; run: drift --release VERSION')
	const report = await readFigures(DriftReport, figures)
	return { kind: 'drift', heading: `Drift of release ${report.release}`, report }
}

async function readUse(figures: string | undefined): Promise<Content<'use'>> {
	if (!figures) throw new AppError('not-found', 'no picks; run: feedback import FILE')
	return {
		kind: 'use',
		heading: 'What people picked',
		report: await readFigures(UseReport, figures),
	}
}

function readFigures<Schema extends Parameters<typeof parseJsonWith>[0]>(
	schema: Schema,
	path: string,
) {
	return readTextFile(path, 'figures').then((text) => parseJsonWith(schema, text, path))
}

function capitalize(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1)
}
