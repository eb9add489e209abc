// The evaluation of a release or of a candidate, as it was recorded.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { findEvaluation, findModelExecution } from '../evaluation/models.ts'
import { readReport } from '../evaluation/steps.ts'
import { readManifest } from '../models/release.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import { isExecutionReference } from '../pipeline/executions.ts'
import { readRecordedFile } from '../recorded-files.ts'

export interface NamedEvaluation {
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
export async function readEvaluationOf(ref: string, effects: Effects): Promise<NamedEvaluation> {
	return isExecutionReference(ref) ? readCandidate(ref, effects) : readReleased(ref, effects)
}

async function readReleased(
	release: string,
	{ modelsDir }: Pick<Effects, 'modelsDir'>,
): Promise<NamedEvaluation> {
	const entry = findRelease(await readReleases(modelsDir), release)
	const { version, report, twin } = await readManifest(modelsDir, entry)
	const name = `release ${version}`
	const file = {
		path: join(modelsDir, version, report.file),
		record: report,
		what: `report of ${name}`,
		remedy: 'restore it from a copy, or publish again',
	}
	const text = (await readRecordedFile(file)).toString('utf8')
	const figures = parseJsonWith(StoredEvaluationReport, text, file.path)
	return { name, report: figures, ...(twin ? { twin } : {}) }
}

async function readCandidate(reference: string, effects: Effects): Promise<NamedEvaluation> {
	const model = await findModelExecution(reference, effects)
	const evaluation = await findEvaluation(model, effects)
	if (!evaluation)
		throw new AppError(
			'not-found',
			`execution #${model.id} was not evaluated; run: evaluate --execution ${model.id}`,
		)
	return { name: `execution #${model.id}`, report: await readReport(evaluation, effects) }
}
