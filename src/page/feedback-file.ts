// The file that "Export feedback" downloads: JSON Lines, each line valid by the contract that the import checks.
import * as v from 'valibot'
import { offerFile } from '../charts/offer-file.ts'
import { Feedback } from '../shared/feedback.ts'

export interface FeedbackFile {
	readonly name: string
	readonly text: string
	readonly picks: number
	/** How many records are left out because no import would accept them. */
	readonly unreadable: number
}

/** @param records as the database has them, oldest first */
export function formatFeedbackFile(records: readonly unknown[], now: Date): FeedbackFile {
	const results = records.map((record) => v.safeParse(Feedback, record))
	const picks = results.filter((result) => result.success).map((result) => result.output)
	return {
		name: `whichsub-feedback-${now.toISOString().slice(0, 10)}.jsonl`,
		text: picks.map((pick) => `${JSON.stringify(pick)}\n`).join(''),
		picks: picks.length,
		unreadable: records.length - picks.length,
	}
}

/** Hands the file to the browser's downloads. */
export function downloadFile({ name, text }: FeedbackFile): void {
	offerFile({ name, text, type: 'application/jsonl' })
}
