// Verdicts of the gate beside the releases, a file for each pair of releases: two that are made at once merge in git.
import { join } from 'node:path'
import { GateRecord } from '../../../src/shared/gate-record.ts'
import { parseJsonWith, parseWith } from '../../../src/shared/parse.ts'
import { exists, readTextFile, writeFileAtomic } from '../files.ts'

const GATES_DIR = 'gates'

/** The newest verdict on this pair stands in place of older ones. */
export async function writeGateRecord(modelsDir: string, record: GateRecord): Promise<void> {
	const path = gatePath(modelsDir, record.release.version, record.against.version)
	const checked = parseWith(GateRecord, record, path)
	await writeFileAtomic(path, `${JSON.stringify(checked, null, 2)}\n`)
}

/** @returns null where the gate was never asked @throws AppError `bad-data` for a file that is no verdict */
export async function readGateRecord(
	modelsDir: string,
	version: string,
	against: string,
): Promise<GateRecord | null> {
	const path = gatePath(modelsDir, version, against)
	if (!(await exists(path))) return null
	return parseJsonWith(GateRecord, await readTextFile(path, 'verdict of the gate'), path)
}

function gatePath(modelsDir: string, version: string, against: string): string {
	return join(modelsDir, GATES_DIR, `${version}-over-${against}.json`)
}
