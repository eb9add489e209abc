// What the charts share: the two sizes that each is drawn in, margins, ticks, and the table behind a picture. Pure.
import type { ScaleLinear } from 'd3-scale'

/**
 * A picture's size in its own units. Each chart is drawn twice and the stylesheet shows the one that fits: so it is readable on a
 * phone without a script, from the server too.
 */
export interface Size {
	readonly width: number
	readonly height: number
	readonly isNarrow: boolean
}

export interface Heights {
	readonly wide: number
	readonly narrow: number
}

/** Names of rows that are longer than this stand above their marks, as on a phone: none is cut. */
export const LONGEST_BESIDE = 24

export const WIDE = 560
export const NARROW = 340

export function sizesOf({ wide, narrow }: Heights): readonly Size[] {
	return [
		{ width: WIDE, height: wide, isNarrow: false },
		{ width: NARROW, height: narrow, isNarrow: true },
	]
}

/** The edges of the area that the scales fill, in the picture's units. */
export interface Plot {
	readonly left: number
	readonly right: number
	readonly top: number
	readonly bottom: number
}

/** Room for ticks left and below, and for the names of the axes above and below. */
export function plotOf(
	{ width, height }: Size,
	{ left = 40, right = 16, top = 26, bottom = 40 }: Partial<Plot> = {},
): Plot {
	return { left, right: width - right, top, bottom: height - bottom }
}

/** What both axes are told. */
export interface AxisProps {
	readonly scale: (value: number) => number
	readonly ticks: readonly number[]
	readonly format: (value: number) => string
	/** What is measured, with its unit. */
	readonly label: string
	readonly plot: Plot
}

/** The table behind a picture: what it shows, for people who don't see it and for programs. */
export interface ChartTable {
	readonly head: readonly string[]
	readonly rows: readonly (readonly (string | number | null)[])[]
}

/** Marks that lead to what stands behind them. */
export interface Choosable {
	/** The mark whose subreddits are listed, by its place. */
	readonly chosen?: number | null
	/** Without it the marks lead nowhere. */
	readonly onchoose?: ((index: number) => void) | undefined
}

/** How a series is drawn. Colour is never the only difference: one is filled or hollow where the other is not. */
export type Series = 'a' | 'b'

export interface LegendEntry {
	readonly mark:
		| 'fill-a'
		| 'fill-b'
		| 'line-a'
		| 'line-b'
		| 'dot-a'
		| 'dot-b'
		| 'cloud'
		| 'curve'
		| 'chance'
		| 'ideal'
	readonly label: string
}

/** Ticks of a linear scale, fewer where there is less room. */
export function ticksOf(scale: ScaleLinear<number, number>, { isNarrow }: Size): number[] {
	return scale.ticks(isNarrow ? 4 : 6)
}

/** A coordinate as short as a tenth of a unit allows: files hold thousands of them. */
export function round(coordinate: number): number {
	return Math.round(coordinate * 10) / 10
}
