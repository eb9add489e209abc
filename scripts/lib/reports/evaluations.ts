// The evaluation of a release or of a candidate, as it was recorded.
import type { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import type { Effects } from '../effects.ts'
import { readReport } from '../evaluation/evaluate-step.ts'
import { findModelExecution, readReleaseManifest } from '../evaluation/models.ts'
import { requireEvaluation } from '../nodes/evaluate.ts'
import { isExecutionReference } from '../pipeline/executions.ts'
import { readReleaseReport } from '../release-files/release.ts'

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
