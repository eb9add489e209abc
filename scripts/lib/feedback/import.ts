// `feedback import`: files that the page exported, read as what strangers sent. Node.
import { AppError } from '../../../src/shared/app-error.ts'
import { Feedback } from '../../../src/shared/feedback.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { readLines } from '../posts/lines.ts'
import { openPostFile, type PostFile } from '../posts/post-file.ts'
import { printable } from '../printable.ts'
import { formatCount } from '../progress.ts'
import { type FeedbackCounts, openFeedback, writeFeedback } from './table.ts'

const BATCH_LINES = 2_000
const PROBLEMS_SHOWN = 5

// The longest title and five names of suggestions take a tenth of it.
const MAX_LINE_LENGTH = 50_000

export interface ImportCounts extends FeedbackCounts {
	readonly read: number
	readonly broken: number
}

/**
 * Reads JSON Lines, packed or not. A broken line is counted and reported, and stops nothing; a file that is cut off
 * keeps what stands before the cut.
 *
 * @param files paths; `-` is stdin
 * @throws AppError `not-found`, `bad-input` before anything is read; `damaged` for a packed file that is cut off
 */
export async function importFeedback(
	files: readonly string[],
	effects: Effects,
): Promise<ImportCounts> {
	const opened: PostFile[] = []
	for (const path of files) opened.push(await openFeedbackFile(path, effects))
	const database = await openFeedback(effects)
	const counts = { read: 0, broken: 0, added: 0, amended: 0, known: 0 }
	const write = async (lines: readonly Feedback[]) => {
		throwIfAborted(effects)
		const { added, amended, known } = await writeFeedback(database, lines, effects.now())
		counts.added += added
		counts.amended += amended
		counts.known += known
	}
	try {
		for (const file of opened) {
			const { read, broken } = await importFile(file, write, effects)
			counts.read += read
			counts.broken += broken
		}
		return counts
	} finally {
		database.close()
	}
}

async function openFeedbackFile(path: string, effects: Effects): Promise<PostFile> {
	const file = await openPostFile(path, effects)
	if (file.layout === 'ndjson') return file
	throw new AppError('bad-input', `no feedback: ${path}; expected the .jsonl file of the page`)
}

async function importFile(
	file: PostFile,
	write: (lines: readonly Feedback[]) => Promise<void>,
	effects: Effects,
): Promise<{ read: number; broken: number }> {
	let [read, broken, number] = [0, 0, 0]
	let batch: Feedback[] = []
	const flush = async () => {
		await write(batch)
		batch = []
	}
	try {
		for await (const texts of readLines(file.read(() => {})))
			for (const text of texts) {
				number += 1
				if (text !== null && text.trim() === '') continue
				read += 1
				const line = parseLine(text, `${file.name}:${number}`)
				if (typeof line !== 'string') batch.push(line)
				else {
					broken += 1
					if (broken <= PROBLEMS_SHOWN) effects.err(line)
				}
				if (batch.length >= BATCH_LINES) await flush()
			}
	} finally {
		if (batch.length > 0 && !effects.signal.aborted) await flush()
	}
	if (broken > PROBLEMS_SHOWN)
		effects.err(`${file.name}: … and ${formatCount(broken - PROBLEMS_SHOWN)} more broken lines`)
	return { read, broken }
}

/** The line, or what is wrong with it. */
function parseLine(text: string | null, where: string): Feedback | string {
	if (text === null || text.length > MAX_LINE_LENGTH) return `${where}: line is too long`
	try {
		return parseJsonWith(Feedback, text, where)
	} catch (error) {
		if (!(error instanceof AppError)) throw error
		return printable(error.message)
	}
}
