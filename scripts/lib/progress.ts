// A progress bar on stderr: one line that is redrawn on a terminal, a plain line now and then elsewhere.
import { setImmediate } from 'node:timers/promises'
import { type Effects, throwIfAborted } from './effects.ts'

const REDRAW_MS = 100
const PLAIN_LINE_MS = 10_000
const BAR_CELLS = 20
/** Items between two looks at the clock, and at whether somebody wants to stop. */
const ITEMS_PER_LOOK = 256

export interface ProgressOptions {
	readonly label: string
	/** The whole work in `unit`s; 0 where it is not known beforehand. */
	readonly total: number
	/** Empty where amount and rate would tell nothing beside the share. */
	readonly unit: string
	readonly format?: (amount: number) => string
	/** Milliseconds between plain lines: work of a night needs fewer. */
	readonly plainLineMs?: number
	/** Stands in for the line of {@link formatProgress}. */
	readonly formatLine?: (done: number, seconds: number) => string
}

type ProgressEffects = Pick<Effects, 'now' | 'err' | 'redraw' | 'terminalColumns'>

/** Reports how far long work is, with its rate and the time left. */
export class Progress {
	readonly #options: ProgressOptions
	readonly #effects: ProgressEffects
	readonly #start: number
	#drawn = 0
	#open = false

	constructor(options: ProgressOptions, effects: ProgressEffects) {
		this.#options = options
		this.#effects = effects
		this.#start = effects.now().getTime()
		this.#drawn = effects.terminalColumns === null ? this.#start : 0
	}

	/** @param note what else is worth a look now, as in `loss 3.21` */
	update(done: number, note = ''): void {
		const now = this.#effects.now().getTime()
		const { terminalColumns } = this.#effects
		const { plainLineMs = PLAIN_LINE_MS, formatLine } = this.#options
		if (now - this.#drawn < (terminalColumns === null ? plainLineMs : REDRAW_MS)) return
		this.#drawn = now
		const seconds = (now - this.#start) / 1000
		const line = formatLine?.(done, seconds) ?? formatProgress(this.#options, done, seconds, note)
		if (terminalColumns === null) this.#effects.err(line)
		else this.#draw(line.slice(0, Math.max(0, terminalColumns - 1)))
	}

	/** Takes the bar away; the command then prints what came of the work. */
	finish(): void {
		if (this.#open) this.#effects.redraw('')
		this.#open = false
	}

	#draw(line: string): void {
		this.#open = true
		this.#effects.redraw(line)
	}
}

/**
 * Items for work on each, with a progress bar. Signals have their turn now and then, which work without a pause would not give them.
 *
 * @throws AppError `aborted`
 */
export async function* withProgress<Item>(
	items: AsyncIterable<Item> | Iterable<Item>,
	options: ProgressOptions,
	effects: ProgressEffects & Pick<Effects, 'signal'>,
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

/** One line of progress; `seconds` is the time since the start. */
export function formatProgress(
	{ label, total, unit, format = formatCount }: ProgressOptions,
	done: number,
	seconds: number,
	note = '',
): string {
	const rate = seconds > 0 ? done / seconds : 0
	const parts = [label]
	if (total > 0) {
		const share = Math.min(1, done / total)
		const cells = Math.round(share * BAR_CELLS)
		parts.push(`${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)} ${Math.floor(share * 100)}%`)
	}
	if (unit) parts.push(`${format(done)}${total > 0 ? ` of ${format(total)}` : ''} ${unit}`)
	if (unit && rate > 0) parts.push(`${format(Math.round(rate))}/s`)
	if (rate > 0 && total > done) parts.push(`${formatSeconds((total - done) / rate)} left`)
	if (note) parts.push(note)
	return parts.join('  ')
}

export function formatCount(count: number): string {
	return Math.round(count).toLocaleString('en-US')
}

/** Bytes in the units of the International System, as in `6.4 MB`. */
export function formatBytes(bytes: number): string {
	const units = ['B', 'kB', 'MB', 'GB']
	let value = bytes
	let unit = 0
	while (value >= 1000 && unit < units.length - 1) {
		value /= 1000
		unit += 1
	}
	return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** Seconds as people say them, as in `2 min 05 s`. */
export function formatSeconds(seconds: number): string {
	if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
	const whole = Math.round(seconds)
	const minutes = Math.floor(whole / 60)
	if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
	return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
