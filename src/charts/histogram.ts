// Histograms as they are drawn: contracts hold fine bins, a picture shows as many as one can read. Pure.
import type { ScaleLinear } from 'd3-scale'
import { area, curveStepAfter, line } from 'd3-shape'
import type { Bins } from '../shared/report-parts.ts'
import { round } from './chart.ts'

export interface Bin {
	readonly from: number
	readonly to: number
}

/** @param end the last bin's upper end, which it holds, too */
export function isInBin(value: number, { from, to }: Bin, end: number): boolean {
	return value >= from && (value < to || (value === to && to === end))
}

export interface Histogram {
	/** Whose values these are. */
	readonly name: string
	readonly bins: readonly Bin[]
	readonly counts: readonly number[]
	/** Of all counts; all 0 where there are none. */
	readonly shares: readonly number[]
	readonly total: number
}

/** @param width how many neighbouring bins become one */
export function toHistogram(name: string, { from, to, counts }: Bins, width = 1): Histogram {
	const step = (to - from) / counts.length
	const merged: number[] = []
	for (let index = 0; index < counts.length; index += width)
		merged.push(counts.slice(index, index + width).reduce((sum, count) => sum + count, 0))
	const total = merged.reduce((sum, count) => sum + count, 0)
	return {
		name,
		bins: merged.map((_, index) => ({
			from: trim(from + index * width * step),
			to: trim(Math.min(to, from + (index + 1) * width * step)),
		})),
		counts: merged,
		shares: merged.map((count) => (total === 0 ? 0 : count / total)),
		total,
	}
}

/** Cuts empty bins at both ends, as many on each side, so that the middle stays the middle. */
export function trimTails(histograms: readonly Histogram[], atLeast: number): Histogram[] {
	const isEmpty = (index: number) => histograms.every(({ counts }) => counts[index] === 0)
	const length = histograms[0]?.counts.length ?? 0
	let cut = 0
	while (length - 2 * (cut + 1) >= atLeast && isEmpty(cut) && isEmpty(length - 1 - cut)) cut += 1
	return histograms.map(({ bins, counts, shares, ...rest }) => ({
		...rest,
		bins: bins.slice(cut, length - cut),
		counts: counts.slice(cut, length - cut),
		shares: shares.slice(cut, length - cut),
	}))
}

export interface StepScales {
	readonly x: ScaleLinear<number, number>
	readonly y: ScaleLinear<number, number>
	/** Down to the axis, to be filled. */
	readonly isClosed: boolean
}

/** The outline of a histogram: level over each bin. */
export function stepPath({ bins, shares }: Histogram, { x, y, isClosed }: StepScales): string {
	const end = bins.at(-1)?.to ?? 0
	const points: [number, number][] = bins.map(({ from }, index) => [from, shares[index] ?? 0])
	points.push([end, shares.at(-1) ?? 0])
	const across = ([value]: [number, number]) => round(x(value))
	const up = ([, share]: [number, number]) => round(y(share))
	const steps = isClosed
		? area<[number, number]>().x(across).y0(y(0)).y1(up)
		: line<[number, number]>().x(across).y(up)
	return steps.curve(curveStepAfter)(points) ?? ''
}

/** Bin edges without the last bits of a division. */
function trim(value: number): number {
	return Number(value.toFixed(6))
}
