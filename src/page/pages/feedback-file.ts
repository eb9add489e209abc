// The picks of this browser as their page has them: read from the database or a file, counted, written to a file. Main thread.
import * as v from 'valibot'
import { offerFile } from '../../charts/offer-file.ts'
import { Feedback } from '../../shared/feedback.ts'
import { shownRows } from '../shown-rows.ts'

export interface ReadPicks {
	readonly picks: readonly Feedback[]
	/** How many records or lines are none. */
	readonly unreadable: number
}

/** A file for the browser's downloads. */
export interface FeedbackFile {
	readonly name: string
	readonly text: string
	readonly picks: number
	/** How many records are left out because no import would accept them. */
	readonly unreadable: number
}

/** How often the right subreddit was suggested. */
export interface PickFigures {
	readonly picks: number
	readonly first: number
	readonly amongFive: number
}

/** @param records as the database has them, oldest first @returns newest first */
export function readRecords(records: readonly unknown[]): ReadPicks {
	const { picks, unreadable } = readAll(records)
	return { picks: picks.toReversed(), unreadable }
}

/** The picks of a file that this page has exported, perhaps in another browser. */
export function readPicksFile(text: string): ReadPicks {
	const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
	return readAll(lines.map(parseLine))
}

export function countSuggested(picks: readonly Feedback[]): PickFigures {
	const ranks = picks.map(suggestedRank)
	return {
		picks: picks.length,
		first: ranks.filter((rank) => rank === 1).length,
		amongFive: ranks.filter((rank) => rank > 0).length,
	}
}

/** Where the right subreddit stood among the suggestions, 1 is first; 0: nowhere. */
export function suggestedRank(record: Feedback): number {
	const { pick } = record
	// One that was found by its name may stand among them, too, but nobody saw it there.
	if (pick.how !== 'suggestion' && pick.how !== 'unseen') return 0
	return shownRows(record).findIndex(({ subreddit }) => subreddit === pick.subreddit) + 1
}

/** JSON Lines, each line valid by the contract that the import checks. @param records as the database has them, oldest first */
export function formatFeedbackFile(records: readonly unknown[], now: Date): FeedbackFile {
	const { picks, unreadable } = readAll(records)
	return {
		name: `whichsub-feedback-${now.toISOString().slice(0, 10)}.jsonl`,
		text: picks.map((pick) => `${JSON.stringify(pick)}\n`).join(''),
		picks: picks.length,
		unreadable,
	}
}

/** Hands the file to the browser's downloads. */
export function downloadFile({ name, text }: FeedbackFile): void {
	offerFile({ name, text, type: 'application/jsonl' })
}

function readAll(records: readonly unknown[]): ReadPicks {
	const results = records.map((record) => v.safeParse(Feedback, record))
	const picks = results.filter((result) => result.success).map((result) => result.output)
	return { picks, unreadable: results.length - picks.length }
}

function parseLine(line: string): unknown {
	try {
		return JSON.parse(line)
	} catch {
		return null
	}
}
