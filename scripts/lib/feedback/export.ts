// `feedback export` and `feedback stats`: what retraining takes, all that was imported, and how the picks went. Node.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { formatTrainingLine } from '../../../src/model/training-text.ts'
import type { Feedback } from '../../../src/shared/feedback.ts'
import type { Effects } from '../effects.ts'
import { openExistingPosts } from '../posts/database.ts'
import { type Choice, chooseTitles, type SourcedFeedback } from './choose.ts'
import { readFeedback } from './table.ts'

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

/** The titles that retraining takes. */
export async function readChosenTitles(effects: Effects): Promise<Choice> {
	return chooseTitles(await readAllFeedback(effects))
}

/** How the picks of one release went. */
export interface PickCounts {
	readonly release: string
	readonly picks: number
	/** The first suggestion was picked: beside the release's recall@1. */
	readonly first: number
	/** Any suggestion was picked. */
	readonly suggested: number
	/** A subreddit that was not suggested was named. */
	readonly named: number
	readonly none: number
}

export interface FeedbackStats {
	readonly picks: number
	readonly titles: number
	readonly conflicts: number
	readonly unusable: number
	readonly releases: readonly PickCounts[]
}

export async function readFeedbackStats(effects: Effects): Promise<FeedbackStats> {
	const lines = await readAllFeedback(effects)
	const { titles, conflicts, unusable } = chooseTitles(lines)
	const byRelease = new Map<string, Feedback[]>()
	for (const { line } of lines) {
		const same = byRelease.get(line.release) ?? []
		byRelease.set(line.release, same)
		same.push(line)
	}
	const releases = [...byRelease].sort(([a], [b]) => (a < b ? -1 : 1))
	return {
		picks: lines.length,
		titles: titles.length,
		conflicts,
		unusable,
		releases: releases.map(([release, picked]) => countPicks(release, picked)),
	}
}

function countPicks(release: string, lines: readonly Feedback[]): PickCounts {
	const count = (isCounted: (pick: Feedback['pick']) => boolean) =>
		lines.filter(({ pick }) => isCounted(pick)).length
	return {
		release,
		picks: lines.length,
		first: count((pick) => pick.how === 'suggestion' && pick.rank === 1),
		suggested: count(({ how }) => how === 'suggestion'),
		named: count(({ how }) => how === 'search' || how === 'typed'),
		none: count(({ how }) => how === 'none'),
	}
}

async function readAllFeedback(effects: Effects): Promise<SourcedFeedback[]> {
	const database = await openExistingPosts(effects)
	try {
		const lines: SourcedFeedback[] = []
		for await (const line of readFeedback(database)) lines.push(line)
		return lines
	} finally {
		database.close()
	}
}
