// `drift`: names the release and the titles, and has the drift measured.
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import type { DriftOptions } from '../drift/drift.ts'
import { driftStep, type Titles } from '../drift/step.ts'
import { DATABASE, FEEDBACK } from '../drift/titles.ts'
import type { Effects } from '../effects.ts'
import { refRelease } from '../evaluation/models.ts'
import { describeDumps } from '../evaluation/titles.ts'
import { type Made, makeFresh } from '../graph/make.ts'

/** @throws AppError as of the step's work */
export async function recordDrift(
	{ release, reference, current, limits, ...window }: DriftOptions,
	effects: Effects,
): Promise<Made<DriftReport>> {
	const inputs = {
		release: await refRelease(release, effects),
		current: await refTitles(current),
		reference: reference ? await describeDumps(reference) : undefined,
	}
	return makeFresh(driftStep, { inputs, parameters: { ...limits, ...window } }, effects)
}

// What the database holds changes, and a digest of all of it would take longer than the drift.
async function refTitles(current: readonly string[]): Promise<Titles> {
	const [only] = current
	const stored = { sha256: null, execution: null, files: [] }
	if (current.length === 1 && only === DATABASE)
		return { kind: 'posts', name: 'the database', ...stored }
	if (current.length === 1 && only === FEEDBACK)
		return { kind: 'picks', name: 'all picks', ...stored }
	return describeDumps(current)
}
