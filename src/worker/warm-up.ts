// Asks about a made title, letter by letter, before somebody types one: a browser compiles what it has run some times, and until then a
// key takes up to seven times as long. Worker.
import type { Words } from '../model/word-table.ts'
import { wait } from './wait.ts'

/** Measured: after ten keys the slowest of the next take half of the time, after more than twenty no less. */
const KEYS = 20
/** A title that was typed meanwhile is asked first. */
const START_MS = 20
const WORDS = 12
/** Letters of the first key's title: some words before the one that is unfinished. */
const FIRST_LETTERS = 8

/**
 * Between two keys, calls have their turn.
 *
 * @param words of the model, so that it knows the title
 * @param suggest asks the model
 * @param countAsked how many titles it was asked by others, which warm it as well
 */
export async function warmUp(
	words: Words,
	suggest: (title: string) => void,
	countAsked: () => number,
): Promise<void> {
	const { from, until } = words.startingWith('')
	if (from === until) return
	const step = (until - from) / WORDS
	const title = Array.from({ length: WORDS }, (_, place) =>
		words.word(from + Math.floor(step * (place + 0.5))),
	).join(' ')
	await wait(START_MS)
	for (let key = 0; key + countAsked() < KEYS; key += 1) {
		suggest(title.slice(0, FIRST_LETTERS + key))
		await wait()
	}
}
