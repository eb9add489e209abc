// The recorded evaluation of a candidate: calibrated on its snapshot's validation posts, measured on its test posts. Node.
import { join } from 'node:path'
import type { Adjustment } from '../../../src/model/suggest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { describeFile, writeFileAtomic } from '../files.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { runStep } from '../pipeline/executions.ts'
import { findOutput } from '../pipeline/outputs.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { evaluate } from './evaluate.ts'
import {
	adjustCandidate,
	CALIBRATION_FILE,
	PRIOR_FILE,
	readAdjustment,
	readExecutionModel,
	snapshotOf,
} from './models.ts'
import { Report } from './report-schema.ts'
import { openSnapshotSet } from './snapshot-sets.ts'

export const REPORT_FILE = 'report.json'

export interface CandidateEvaluation {
	readonly adjustment: Adjustment
	readonly report: Report
}

/** Measures a model on the snapshot that it was trained on. */
export async function measureCandidate(
	candidate: Execution,
	effects: Effects,
): Promise<CandidateEvaluation> {
	const model = await readExecutionModel(candidate, effects)
	const snapshot = snapshotOf(candidate)
	const adjustment = await adjustCandidate(model, snapshot, effects)
	const test = await openSnapshotSet(snapshot, 'test', effects)
	return { adjustment, report: await evaluate({ ...model, ...adjustment }, test, effects) }
}

function describePrior(prior: Adjustment['prior']): Record<string, number> {
	return prior ? { 'prior.alpha': prior.alpha, 'prior.gamma': prior.gamma } : {}
}

/**
 * The same, as a step with a record; the execution's folder then holds `report.json`, `calibration.json` and, where there is
 * a prior, `prior.json`.
 */
export async function evaluateCandidate(
	candidate: Execution,
	effects: Effects,
): Promise<Execution> {
	const plan = {
		step: 'evaluate',
		parameters: { snapshot: snapshotOf(candidate) },
		parents: [candidate.id],
	} as const
	return runStep(plan, effects, async (dir) => {
		const { adjustment, report } = await measureCandidate(candidate, effects)
		const { calibration, prior } = adjustment
		const files = {
			[REPORT_FILE]: report,
			[CALIBRATION_FILE]: calibration,
			...(prior ? { [PRIOR_FILE]: prior } : {}),
		}
		for (const [name, content] of Object.entries(files))
			await writeFileAtomic(join(dir, name), `${JSON.stringify(content)}\n`)
		return {
			inputs: candidate.outputs,
			outputs: await Promise.all(Object.keys(files).map((name) => describeFile(join(dir, name)))),
			metrics: { ...report.metrics, ...describePrior(prior) },
		}
	})
}

/** What a recorded evaluation found. @throws AppError `damaged` */
export async function readEvaluation(
	evaluation: Execution,
	effects: Effects,
): Promise<CandidateEvaluation> {
	const file = findOutput(evaluation, REPORT_FILE, effects)
	const text = (await readRecordedFile(file)).toString('utf8')
	return {
		adjustment: await readAdjustment(evaluation, effects),
		report: parseJsonWith(Report, text, file.path),
	}
}
