// What a benchmark returns: figures, each beside a named peer of the same run where there is one.
import type { Effects } from '../lib/effects.ts'

export interface Figure {
	/** What was measured, as in `ingest`. */
	readonly name: string
	readonly value: number
	readonly unit: string
	/** The same work by something else in the same run: absolute times wander on shared machines, ratios less. */
	readonly peer?: { readonly name: string; readonly value: number }
	readonly note?: string
}

/** Figures with a text for people, where one line for each figure would hide what belongs together. */
export interface TabledFigures {
	readonly figures: readonly Figure[]
	readonly text: string
}

/** Measures one part. Says in a `note` what it measured on, and what it left out for want of data or a tool. */
export type Benchmark = (
	effects: Effects,
	options: BenchmarkOptions,
) => Promise<readonly Figure[] | TabledFigures>

export interface BenchmarkOptions {
	/** Where a benchmark that can be drawn writes its SVG. */
	readonly chart?: string | undefined
	/** Dumps to measure on. */
	readonly posts?: readonly string[] | undefined
	/** So many posts are drawn to measure on; all without it. */
	readonly sample?: number | undefined
	/** So many rows or posts are made to measure on. */
	readonly rows?: number | undefined
	/** The folders of this checkout: local data, and records of executions. */
	readonly data: Pick<Effects, 'dataDir' | 'recordsDir'>
	/** Makes the twin of a release again where it is not in the data folder. */
	readonly makeTwins?: boolean | undefined
}
