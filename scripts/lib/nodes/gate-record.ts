// Writes the verdict of the gate on one release over another beside the releases, where `release promote` looks for it.
import type { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import type { Effects } from '../effects.ts'
import type { ModelRef } from '../evaluation/models.ts'
import { writeGateRecord } from '../models/gates.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'

/** Does nothing if the gate was not asked, or if one of the two is not a release yet. */
export async function recordGate(
	{
		a,
		b,
		comparison: { gate, testSet, testFrom, testUntil, b: measured, ...comparison },
		execution,
	}: {
		readonly a: ModelRef
		readonly b: ModelRef
		readonly comparison: ComparisonReport
		readonly execution: number
	},
	{ modelsDir, now }: Pick<Effects, 'modelsDir' | 'now'>,
): Promise<void> {
	if (!gate || a.kind !== 'release' || b.kind !== 'release') return
	const releases = await readReleases(modelsDir)
	const gated = (name: string) => {
		const { version, manifest } = findRelease(releases, name)
		return { version, manifest: manifest.sha256 }
	}
	await writeGateRecord(modelsDir, {
		schema: 1,
		at: now().toISOString(),
		release: gated(b.name),
		against: gated(a.name),
		testSet,
		...splitOf(comparison),
		testFrom,
		testUntil,
		posts: measured.metrics.posts,
		verdict: gate,
		execution,
	})
}
