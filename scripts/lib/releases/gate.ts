// Whether production may serve a release: it passed the gate over what production serves today.
import { AppError } from '../../../src/shared/app-error.ts'
import type { GateRecord } from '../../../src/shared/gate-record.ts'
import type { Releases } from '../../../src/shared/releases.ts'
import { readGateRecord } from '../models/gates.ts'
import { findRelease } from '../models/releases-json.ts'

/**
 * Checks the gate's verdict. The very first release needs none: there is nothing that it could be worse than.
 *
 * @throws AppError `conflict` if the gate was not asked about exactly these two releases, or refused
 */
export async function requirePassedGate(
	modelsDir: string,
	releases: Releases,
	version: string,
): Promise<void> {
	const { production } = releases.channels
	if (production === null || production === version) return
	const record = await readGateRecord(modelsDir, version, production)
	const problem = findProblem(record, releases, { version, production })
	if (problem !== null)
		throw new AppError(
			'conflict',
			`${problem}; run: compare production ${version} --gate, or promote it with --force --why TEXT`,
		)
}

function findProblem(
	record: GateRecord | null,
	releases: Releases,
	{ version, production }: { readonly version: string; readonly production: string },
): string | null {
	const pair = `release ${version} over ${production}, which production serves`
	if (record === null) return `the gate was not asked about ${pair}`
	const isSame = [[record.release, version] as const, [record.against, production] as const].every(
		([gated, meant]) =>
			gated.version === meant && findRelease(releases, meant).manifest.sha256 === gated.manifest,
	)
	if (!isSame) return `the gate was asked about other files than those of ${pair}`
	const failed = record.verdict.rules.filter(({ passed }) => !passed)
	if (failed.length === 0) return null
	return `the gate refused ${pair}: ${failed.map(({ says }) => says).join('; ')}`
}
