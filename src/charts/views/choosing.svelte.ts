// What a mark leads to: the subreddits behind it, which the table then lists. Main thread; in Node nothing leads anywhere.
import { onMount } from 'svelte'
import type { Choosable } from '../chart.ts'
import type { PostedTitle } from '../example-titles.ts'
import type { Choice } from '../table-rows.ts'

export class Choosing<Row extends { readonly label: string }> {
	readonly #table: string
	#isRunning = $state(false)
	#chosen = $state.raw<{ chart: string; index: number; choice: Choice<Row> } | null>(null)

	/** To be made while a component starts. @param table the id of the table's element */
	constructor(table: string) {
		this.#table = table
		// Where no script runs, nobody shall be told that a mark is a button.
		onMount(() => {
			this.#isRunning = true
		})
	}

	/** What the table lists; null for everything. */
	get choice(): (Choice<Row> & { readonly clear: () => void }) | null {
		return this.#chosen && { ...this.#chosen.choice, clear: () => this.clear() }
	}

	/** Which titles are behind what is chosen. @param rows of the whole table */
	titlesOf(rows: readonly Row[]) {
		const choice = this.#chosen?.choice
		const labels = new Set(rows.filter((row) => choice?.test(row)).map(({ label }) => label))
		const isOfThem = ({ subreddit }: PostedTitle) => labels.has(subreddit)
		return { says: choice?.says ?? '', test: choice?.isBehind ?? isOfThem }
	}

	/** What a chart is told: which of its marks is chosen, and what choosing one does. */
	in(chart: string, choiceOf: (index: number) => Choice<Row> | null): Choosable {
		return {
			chosen: this.#chosen?.chart === chart ? this.#chosen.index : null,
			onchoose: this.#isRunning
				? (index) => this.#toggle(chart, index, choiceOf(index))
				: undefined,
		}
	}

	/** A subreddit of the table itself; undefined where no script runs. */
	get open(): ((row: Row) => void) | undefined {
		if (!this.#isRunning) return undefined
		return ({ label }) => {
			const choice = { says: `r/${label}`, test: (row: Row) => row.label === label }
			this.#toggle('table', 0, choice)
		}
	}

	clear(): void {
		this.#chosen = null
	}

	/** A mark that is chosen again lets go. */
	#toggle(chart: string, index: number, choice: Choice<Row> | null): void {
		const isChosen = this.#chosen?.chart === chart && this.#chosen.index === index
		this.#chosen = isChosen || !choice ? null : { chart, index, choice }
		if (this.#chosen) document.getElementById(this.#table)?.scrollIntoView({ block: 'nearest' })
	}
}
