// The recorded evaluation of a candidate: calibrated on its snapshot's validation posts, measured on its test posts. Node.
import { join } from 'node:path'
import type { Calibration } from '../../../src/shared/calibration.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import type { Execution } from '../executions/execution-schema.ts'
import { runStep } from '../executions/executions.ts'
import { findOutput } from '../executions/outputs.ts'
import { describeFile, writeFileAtomic } from '../files.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { calibrateOn, evaluate } from './evaluate.ts'
import { CALIBRATION_FILE, readCalibration, readExecutionModel, snapshotOf } from './models.ts'
import { Report } from './report-schema.ts'
import { openSnapshotSet } from './snapshot-sets.ts'

export const REPORT_FILE = 'report.json'

export interface CandidateEvaluation {
	readonly calibration: Calibration
	readonly report: Report
}

/** Measures a model on the snapshot that it was trained on. */
export async function measureCandidate(
	candidate: Execution,
	effects: Effects,
): Promise<CandidateEvaluation> {
	const model = await readExecutionModel(candidate, effects)
	const snapshot = snapshotOf(candidate)
	const validation = await openSnapshotSet(snapshot, 'valid', effects)
	const calibration = await calibrateOn(model, validation, effects)
	const test = await openSnapshotSet(snapshot, 'test', effects)
	return { calibration, report: await evaluate({ ...model, calibration }, test, effects) }
}

/** The same, as a step with a record; the execution's folder then holds `report.json` and `calibration.json`. */
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
		const { calibration, report } = await measureCandidate(candidate, effects)
		const files = { [REPORT_FILE]: report, [CALIBRATION_FILE]: calibration }
		for (const [name, content] of Object.entries(files))
			await writeFileAtomic(join(dir, name), `${JSON.stringify(content)}\n`)
		return {
			inputs: candidate.outputs,
			outputs: await Promise.all(Object.keys(files).map((name) => describeFile(join(dir, name)))),
			metrics: report.metrics,
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
		calibration: await readCalibration(evaluation, effects),
		report: parseJsonWith(Report, text, file.path),
	}
}
