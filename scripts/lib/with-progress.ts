// Goes through many items with a progress bar.
import { setImmediate } from 'node:timers/promises'
import { type Effects, throwIfAborted } from './effects.ts'
import { Progress, type ProgressOptions } from './progress.ts'

/** Items between two looks at the clock, and at whether somebody wants to stop. */
const ITEMS_PER_LOOK = 256

/**
 * Items for work on each, with a progress bar. Signals have their turn now and then, which work without a pause would not give them.
 *
 * @throws AppError `aborted`
 */
export async function* withProgress<Item>(
	items: AsyncIterable<Item> | Iterable<Item>,
	options: ProgressOptions,
	effects: Effects,
): AsyncGenerator<Item> {
	const progress = new Progress(options, effects)
	let done = 0
	try {
		for await (const item of items) {
			yield item
			done += 1
			if (done % ITEMS_PER_LOOK !== 0) continue
			await setImmediate()
			throwIfAborted(effects)
			progress.update(done)
		}
	} finally {
		progress.finish()
	}
}
