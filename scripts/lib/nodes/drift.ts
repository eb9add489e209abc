// `drift`: finds the release and the titles, and runs the step.
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import type { DriftOptions } from '../drift/drift.ts'
import { driftStep } from '../drift/step.ts'
import { DATABASE, FEEDBACK, type Titles } from '../drift/titles.ts'
import type { Effects } from '../effects.ts'
import { refRelease } from '../evaluation/models.ts'
import { describeDumps } from '../evaluation/titles.ts'
import { type Made, makeFresh } from '../graph/make.ts'

export interface RecordDriftOptions extends Omit<DriftOptions, 'current'> {
	/** Dumps, {@link DATABASE} or {@link FEEDBACK}. */
	readonly current: readonly string[]
}

/** Measures drift and records it. @throws AppError what the step throws */
export async function recordDrift(
	{ release, reference, current, ...parameters }: RecordDriftOptions,
	effects: Effects,
): Promise<Made<DriftReport>> {
	const inputs = {
		release: await refRelease(release, effects),
		current: await refTitles(current),
		reference: reference ? await describeDumps(reference) : undefined,
	}
	return makeFresh(driftStep, { inputs, parameters }, effects)
}

// The database changes, and a digest of it would take longer than measuring the drift.
async function refTitles(current: readonly string[]): Promise<Titles> {
	const [only] = current
	const stored = { sha256: null, execution: null, files: [] }
	if (current.length === 1 && only === DATABASE)
		return { kind: 'posts', name: 'the database', ...stored }
	if (current.length === 1 && only === FEEDBACK)
		return { kind: 'picks', name: 'all picks', ...stored }
	return describeDumps(current)
}
