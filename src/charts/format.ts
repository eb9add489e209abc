// Figures as charts and findings say them. Pure.
import { formatCount, formatDay, formatMonth, formatShare } from '../shared/numbers.ts'

const DAY_MS = 86_400_000

/** For ticks: `0.4` → `40%`; with as many digits as tell it from its neighbours. */
export function formatTick(share: number): string {
	return `${Number((100 * share).toFixed(2))}%`
}

/** Ticks with as many digits as the finest of them needs: `32.0%`, `32.5%`. */
export function percentTicks(ticks: readonly number[]): (share: number) => string {
	const decimals = (tick: number) => (formatTick(tick).split('.')[1]?.length ?? 1) - 1
	const digits = Math.max(0, ...ticks.map(decimals))
	return (share) => formatShare(share, digits)
}

/** What the intervals of shares are, where they first stand. */
export const INTERVALS = 'Intervals hold the true share 95 times in 100'

/** Two shares with as many digits as it takes to see that they differ. */
export function formatShares(a: number, b: number): [string, string] {
	const digits = [1, 2, 3].find((digits) => formatShare(a, digits) !== formatShare(b, digits)) ?? 1
	return [formatShare(a, digits), formatShare(b, digits)]
}

/** `{ value: 0.5, low: 0.4, high: 0.6 }` → `50.0% (40.0% to 60.0%)`. */
export function formatEstimate({ value, low, high }: EstimateLike): string {
	return `${formatShare(value)} (${formatRange({ low, high })})`
}

/** `55.1% to 55.6%`. */
export function formatRange({ low, high }: Omit<EstimateLike, 'value'>): string {
	return `${formatShare(low)} to ${formatShare(high)}`
}

interface EstimateLike {
	readonly value: number
	readonly low: number
	readonly high: number
}

/** `n = 150,049 posts`. */
export function formatN(count: number, noun: string): string {
	return `n = ${formatCount(count)} ${noun}`
}

/**
 * What a time is called: `June 2013` where it is whole months, else by its days, as in `5 June 2013 to 3 July 2013`.
 *
 * @param from an instant @param until the instant after the last one
 */
export function formatPeriod(from: string, until: string): string {
	const last = Date.parse(until) - 1
	const isWhole = [Date.parse(from), last + DAY_MS].every((at) => new Date(at).getUTCDate() === 1)
	const [first, end] = [from, new Date(last).toISOString()].map(isWhole ? formatMonth : formatDay)
	return first === end ? `${first}` : `${first} to ${end}`
}

/** For a sentence's begin. */
export function capitalize(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1)
}
