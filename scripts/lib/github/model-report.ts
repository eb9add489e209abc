// What a run of the workflow `model` leaves in its artifact, and what the comment says of it. The artifact of a fork's run is a
// stranger's: it is read through schemas, and of its words nothing is taken as it is.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import { DriftReport } from '../../../src/shared/drift-report.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { readTextFile } from '../files.ts'
import { joinParts, toMarkdown } from '../reports/document.ts'
import { driftSections } from '../reports/drift-sections.ts'
import { comparisonSections } from '../reports/sections.ts'

/** The files of the artifact; each may be missing. */
const FILES = { run: 'run.json', comparison: 'comparison.json', drift: 'drift.json' } as const

// The largest of them has figures of each subreddit: some hundreds of kilobytes.
const MAX_FILE_BYTES = 16 * 1024 * 1024
const MAX_REASONS = 3

const ENDINGS = {
	unchanged: 'unchanged',
	restored: 'from the store',
	ran: 'ran',
	'left-out': 'left out',
} as const

/** What of `run --json` people read. */
const RunReport = v.object({
	steps: v.pipe(
		v.array(
			v.object({
				step: v.string(),
				ending: v.picklist(Object.keys(ENDINGS) as (keyof typeof ENDINGS)[]),
				seconds: v.pipe(v.number(), v.finite()),
				why: v.array(v.string()),
			}),
		),
		v.maxLength(20),
	),
})
type RunReport = v.InferOutput<typeof RunReport>

export interface ModelReport {
	readonly run: RunReport | null
	readonly comparison: ComparisonReport | null
	readonly drift: DriftReport | null
}

/** @throws AppError `bad-data` for a file that is not what it should be */
export async function readModelReport(dir: string): Promise<ModelReport> {
	return {
		run: await readPart(RunReport, join(dir, FILES.run)),
		comparison: await readPart(ComparisonReport, join(dir, FILES.comparison)),
		drift: await readPart(DriftReport, join(dir, FILES.drift)),
	}
}

/** Null where there is no such file, or where the command that should have written it had nothing to say. */
async function readPart<Schema extends v.GenericSchema>(
	schema: Schema,
	path: string,
): Promise<v.InferOutput<Schema> | null> {
	const found = await stat(path).catch(() => null)
	if (!found?.isFile() || found.size === 0) return null
	if (found.size > MAX_FILE_BYTES)
		throw new AppError('bad-data', `${path} is too large: ${found.size} bytes`)
	return parseJsonWith(schema, await readTextFile(path, 'report'), path)
}

/**
 * The text of the comment, in GitHub's Markdown.
 *
 * @param url of the run that made the report
 */
export function formatModelReport({ run, comparison, drift }: ModelReport, url: string): string {
	const sections = [
		...(comparison ? comparisonSections(comparison) : []),
		...(drift ? driftSections(drift) : []),
		...(run ? [sectionOfRun(run)] : []),
	]
	const nothing = comparison ? [] : [sayNothingCompared(run)]
	const parts = ['## What this does to the model', ...nothing, ...toMarkdown(sections)]
	return joinParts(parts, `[The run and its full report](${url})`).trimEnd()
}

function sayNothingCompared(run: RunReport | null): string {
	if (run) return '**The model was made, but not compared with production: see the run.**'
	return '**The model was not measured.** A pull request from a fork gets no access to the posts; somebody who may push here can push its branch to this repository. Otherwise the run says what failed.'
}

function sectionOfRun({ steps }: RunReport) {
	const rows = steps.map(({ step, ending, seconds, why }) => [
		step,
		ENDINGS[ending],
		ending === 'ran' ? `${Math.round(seconds)} s` : '',
		why.slice(0, MAX_REASONS).join('; '),
	])
	const table = { head: ['step', '', 'time', 'because of'], rows, text: [1, 3] }
	return { title: 'What ran again', table }
}
