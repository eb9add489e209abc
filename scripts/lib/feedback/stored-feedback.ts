// All picks of the database, and what a training takes of them.
import type { Effects } from '../effects.ts'
import { openExistingPosts } from '../posts/database.ts'
import { type Choice, chooseTitles, type SourcedFeedback } from './choose.ts'
import { readFeedback } from './table.ts'

/** The titles that retraining takes. */
export async function readChosenTitles(effects: Effects): Promise<Choice> {
	return chooseTitles(await readAllFeedback(effects))
}

export async function readAllFeedback(effects: Effects): Promise<SourcedFeedback[]> {
	const database = await openExistingPosts(effects)
	try {
		const lines: SourcedFeedback[] = []
		for await (const line of readFeedback(database)) lines.push(line)
		return lines
	} finally {
		database.close()
	}
}
