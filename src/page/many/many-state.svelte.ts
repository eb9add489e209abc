// A list of titles and the suggestions for each, as far as they have come. It outlives its page, so that Back finds it again.
import type { ManyAnswers } from '../../shared/classifier-protocol.ts'
import { readTitleList, type TitleList } from './title-list.ts'

/** A batch takes the worker some tenths of a second: a stop, and a title that is typed, wait no longer. */
const BATCH = 250
/** Drawing again costs more the more titles there are: not after each batch. */
const DRAW_EVERY_MS = 700
const MOST = 5

export interface ManySuggestion {
	readonly subreddit: string
	readonly probability: number
}

export type ManyOrder = 'given' | 'sure' | 'unsure' | 'subreddit' | 'title'

export interface ManyFilter {
	/** Part of a title or of its first subreddit's name. */
	readonly text: string
	/** The first subreddit; null: any. */
	readonly subreddit: string | null
	readonly order: ManyOrder
}

type Ask = (titles: readonly string[]) => Promise<ManyAnswers>

export class ManyState {
	/** What the list is called, as its file. */
	name = $state('')
	list = $state.raw<TitleList | null>(null)
	/** How many titles are answered. */
	done = $state(0)
	/** How many of these are drawn. */
	shown = $state(0)
	/** Whether titles are being asked, or wait for the model. */
	isWanted = $state(false)
	trouble = $state.raw<Error | null>(null)
	/** Milliseconds until the end, as far as that can be told. */
	left = $state<number | null>(null)

	#run = 0
	#names: string[] = []
	#placeOf = new Map<string, number>()
	#counts = new Uint8Array()
	#places = new Uint32Array()
	#probabilities = new Float32Array()

	get titles(): readonly string[] {
		return this.list?.titles ?? []
	}

	/** Takes another list in the place of the one before. */
	take(name: string, text: string): void {
		this.stop()
		this.name = name
		this.list = readTitleList(text)
		this.done = 0
		this.shown = 0
		this.#names = []
		this.#placeOf = new Map()
		this.#counts = new Uint8Array(this.titles.length)
		this.#places = new Uint32Array(this.titles.length * MOST)
		this.#probabilities = new Float32Array(this.titles.length * MOST)
		this.isWanted = this.titles.length > 0
	}

	clear(): void {
		this.take('', '')
		this.list = null
	}

	/** Asks what is left, batch after batch, until the end or a stop. */
	async run(ask: Ask): Promise<void> {
		this.#run += 1
		const run = this.#run
		const start = { at: performance.now(), done: this.done }
		this.trouble = null
		let drawn = start.at
		while (this.done < this.titles.length) {
			const batch = this.titles.slice(this.done, this.done + BATCH)
			const answers = await ask(batch).catch((error: Error) => error)
			if (run !== this.#run) return
			if (answers instanceof Error) {
				this.trouble = answers
				break
			}
			this.#keep(answers)
			this.done += batch.length
			const now = performance.now()
			if (now - drawn < DRAW_EVERY_MS) continue
			drawn = now
			this.shown = this.done
			const perTitle = (now - start.at) / (this.done - start.done)
			this.left = (this.titles.length - this.done) * perTitle
		}
		this.stop()
	}

	/** What is answered stays, and {@link run} goes on from there. */
	stop(): void {
		this.#run += 1
		this.isWanted = false
		this.left = null
		this.shown = this.done
	}

	/** Best first; none where nothing is suggested. */
	suggestionsFor(title: number): ManySuggestion[] {
		return Array.from({ length: this.#counts[title] ?? 0 }, (_, rank) => ({
			subreddit: this.#nameAt(title, rank),
			probability: this.#probabilities[title * MOST + rank] ?? 0,
		}))
	}

	/** The first subreddits of the titles that are drawn, and of how many titles, most first; null stands for none. */
	subreddits(): { readonly name: string | null; readonly titles: number }[] {
		const counts = new Map<string | null, number>()
		for (let title = 0; title < this.shown; title += 1) {
			const name = this.#firstOf(title)
			counts.set(name, (counts.get(name) ?? 0) + 1)
		}
		return [...counts]
			.map(([name, titles]) => ({ name, titles }))
			.sort((a, b) => b.titles - a.titles)
	}

	/** The numbers of the titles that are drawn and fit. */
	find({ text, subreddit, order }: ManyFilter): number[] {
		const part = text.trim().toLowerCase().replace(/^r\//, '')
		const found: number[] = []
		for (let title = 0; title < this.shown; title += 1) {
			const first = this.#firstOf(title)
			if (subreddit !== null && (first ?? '') !== subreddit) continue
			if (part && !`${this.titles[title]} ${first ?? ''}`.toLowerCase().includes(part)) continue
			found.push(title)
		}
		return this.#sort(found, order)
	}

	#sort(titles: number[], order: ManyOrder): number[] {
		const sure = (title: number) =>
			this.#counts[title] ? (this.#probabilities[title * MOST] ?? 0) : -1
		if (order === 'sure') return titles.sort((a, b) => sure(b) - sure(a))
		if (order === 'unsure') return titles.sort((a, b) => sure(a) - sure(b))
		const textOf =
			order === 'title'
				? (title: number) => this.titles[title] ?? ''
				: (title: number) => this.#firstOf(title) ?? '\uFFFF'
		if (order === 'given') return titles
		const { compare } = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
		return titles.sort((a, b) => compare(textOf(a), textOf(b)) || sure(b) - sure(a))
	}

	#firstOf(title: number): string | null {
		return this.#counts[title] ? this.#nameAt(title, 0) : null
	}

	#nameAt(title: number, rank: number): string {
		return this.#names[this.#places[title * MOST + rank] ?? 0] ?? ''
	}

	#keep({ names, counts, places, probabilities }: ManyAnswers): void {
		const own = names.map((name) => this.#placeFor(name))
		let from = 0
		for (const [index, count] of counts.entries()) {
			const title = this.done + index
			this.#counts[title] = count
			for (let rank = 0; rank < count; rank += 1) {
				this.#places[title * MOST + rank] = own[places[from + rank] ?? 0] ?? 0
				this.#probabilities[title * MOST + rank] = probabilities[from + rank] ?? 0
			}
			from += count
		}
	}

	#placeFor(name: string): number {
		const known = this.#placeOf.get(name)
		if (known !== undefined) return known
		this.#placeOf.set(name, this.#names.length)
		return this.#names.push(name) - 1
	}
}

/** The list of this page. */
export const many = new ManyState()
