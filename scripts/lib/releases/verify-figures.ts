// Checks that the figures published beside the releases are what releases.json says.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import { DriftReport } from '../../../src/shared/drift-report.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import {
	FIGURES_FOLDER,
	type PublishedFigures,
	withoutTwin,
} from '../../../src/shared/published-figures.ts'
import type { Releases } from '../../../src/shared/releases.ts'
import { readRecordedFile } from '../recorded-files.ts'
import { attempt, type FileCheck } from './verify.ts'

export function releasesOf(figures: PublishedFigures): readonly string[] {
	return figures.kind === 'comparison' ? [figures.a, figures.b] : [figures.release]
}

/** Checks a file of figures: its digest, its schema, whose figures it holds, and whether those releases are listed. */
export async function checkFigures(
	modelsDir: string,
	figures: PublishedFigures,
	{ releases }: Pick<Releases, 'releases'>,
): Promise<FileCheck> {
	const file = `${FIGURES_FOLDER}/${figures.file}`
	const found = await attempt(async () => {
		const path = join(modelsDir, file)
		const record = { path, record: figures, what: `${file} of the releases`, remedy: '' }
		checkSubject((await readRecordedFile(record)).toString('utf8'), path, figures)
		for (const version of releasesOf(figures))
			if (!releases.some((release) => release.version === version))
				throw new AppError('damaged', `${path} is about release ${version}, which is not listed`)
	})
	return { file, bytes: figures.bytes, problem: 'problem' in found ? found.problem : null }
}

/** @throws AppError `bad-data` for another schema, `damaged` for figures of other releases than releases.json says */
function checkSubject(text: string, path: string, figures: PublishedFigures): void {
	const listed = releasesOf(figures).map((version) => `release ${version}`)
	const held = readSubjects(text, path, figures)
	if (listed.join() === held.join()) return
	throw new AppError(
		'damaged',
		`${path} has figures of ${held.join(' and ')}, and releases.json says ${listed.join(' and ')}`,
	)
}

function readSubjects(text: string, path: string, { kind }: PublishedFigures): string[] {
	if (kind === 'drift') return [`release ${parseJsonWith(DriftReport, text, path).release}`]
	const { a, b } = parseJsonWith(ComparisonReport, text, path)
	return [a.name, b.name].map(withoutTwin)
}
