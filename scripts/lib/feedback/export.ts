// `feedback export` and `feedback stats`: training titles, all that was imported, and how the picks went.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { formatTrainingLine } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { channelVersion } from '../../../src/shared/releases.ts'
import type { P1Bins } from '../../../src/shared/report-parts.ts'
import { UseReport } from '../../../src/shared/use-report.ts'
import type { Effects } from '../effects.ts'
import { openExistingPosts } from '../posts/database.ts'
import { readManifest, readReleaseReport } from '../release-files/release.ts'
import { findRelease, readReleases } from '../release-files/releases-json.ts'
import { chooseTitles, type SourcedFeedback } from './choose.ts'
import { readAllFeedback } from './stored-feedback.ts'
import { type FeedbackSource, listFeedbackSources } from './table.ts'
import { describeUse, type TestBins } from './use.ts'

export const EXPORT_FORMATS = ['fasttext', 'jsonl'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Prints one line a training title in fastText's format, or one a pick as it was imported. */
export async function exportFeedback(format: ExportFormat, effects: Effects): Promise<void> {
	const lines = await readAllFeedback(effects)
	if (format === 'jsonl') for (const { line } of lines) effects.out(JSON.stringify(line))
	else
		for (const { subreddit, title } of chooseTitles(lines).titles)
			effects.out(formatTrainingLine({ subreddit, text: normalizeTitle(title) }).trimEnd())
}

/** How people used the suggestions. */
export async function readUse(effects: Effects): Promise<UseReport> {
	const lines = await readAllFeedback(effects)
	const report = describeUse(lines, {
		testBins: await readTestBins(lines, effects),
		canary: channelVersion(await readReleases(effects.modelsDir), 'canary'),
		now: effects.now(),
	})
	return parseWith(UseReport, report, 'use of the suggestions')
}

// A pick may be of a release that is not here, or is older than the distribution of p@1.
async function readTestBins(
	lines: readonly SourcedFeedback[],
	{ modelsDir, err }: Pick<Effects, 'modelsDir' | 'err'>,
): Promise<TestBins> {
	const bins = new Map<string, P1Bins>()
	for (const release of new Set(lines.map(({ line }) => line.release)))
		try {
			const entry = findRelease(await readReleases(modelsDir), release)
			const report = await readReleaseReport(modelsDir, await readManifest(modelsDir, entry))
			if (report.schema === 2) bins.set(release, report.p1.bins)
		} catch (error) {
			if (!(error instanceof AppError)) throw error
			if (error.code !== 'not-found') err(`warning: ${error.message}`)
		}
	return bins
}

/** What brought the picks that are there. */
export async function readPickSources(effects: Effects): Promise<FeedbackSource[]> {
	const database = await openExistingPosts(effects)
	try {
		return await listFeedbackSources(database)
	} finally {
		database.close()
	}
}
