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

/** Measures one part. Says in a `note` what it measured on, and what it left out for want of data or a tool. */
export type Benchmark = (effects: Effects, options: BenchmarkOptions) => Promise<Figure[]>

export interface BenchmarkOptions {
	/** Where a benchmark that can be drawn writes its SVG. */
	readonly chart?: string
}
