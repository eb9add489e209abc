// Which files of a snapshot a table of evidence is counted from, and how much a line of each counts.
import type { WeighedText } from '../evidence/count-terms.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { type FoundSnapshot, findSnapshotFile, hasSnapshotFile } from '../snapshot/read-snapshot.ts'

/** Measured, see docs/training.md. */
const EVIDENCE_WEIGHTS = [
	{ part: 'train', weight: 1 },
	{ part: 'about', weight: 2 },
	{ part: 'pastYear', weight: 0.3 },
	{ part: 'older', weight: 0.05 },
] as const

/** What a table of evidence is counted from: all that was trained on, names and descriptions once more, and older posts the less the older they are. */
export async function findEvidenceTexts(found: FoundSnapshot): Promise<WeighedText[]> {
	const texts: WeighedText[] = []
	for (const { part, weight } of EVIDENCE_WEIGHTS)
		if (part === 'train' || hasSnapshotFile(found, part))
			texts.push({ path: await checkRecordedFile(findSnapshotFile(found, part)), weight })
	return texts
}
