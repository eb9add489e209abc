// How much one address may send, without keeping addresses: they are counted under a keyed hash whose key lives in memory alone and
// is drawn anew each day, so that from then on nobody can tell whose count it was.
import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import { ProblemError } from './problem.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const WINDOW_MS = 10 * 60 * 1000

/** What is let in of one address, and of all together. */
export interface AddressLimits {
	readonly requestsInWindow: number
	/** `burst` of the feedback's limits would leave more of them out. */
	readonly picksInWindow: number
	readonly picksInDay: number
	readonly picksInDayOfAll: number
	/** Addresses that are counted; no further one is let in on that day. */
	readonly addresses: number
}

export const ADDRESS_LIMITS: AddressLimits = {
	requestsInWindow: 120,
	picksInWindow: 59,
	picksInDay: 300,
	picksInDayOfAll: 20_000,
	addresses: 50_000,
}

interface Counts {
	windowEnd: number
	requests: number
	picksInWindow: number
	picksInDay: number
}

/** The address of a client, or the network of an IPv6 one, which has addresses without number. */
export function networkOf(request: IncomingMessage, isBehindProxy: boolean): string {
	// The last one is what the proxy itself has seen; those before are what the client says.
	const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)
	const seen = request.socket.remoteAddress ?? ''
	const address = (isBehindProxy && forwarded?.trim()) || seen
	const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
	return mapped ?? (isIPv6(address) ? prefixOf(address) : address)
}

/** The first 64 bits. */
function prefixOf(address: string): string {
	const [front = '', back] = (address.split('%')[0] ?? '').split('::')
	const groups = front === '' ? [] : front.split(':')
	const behind = back ? back.split(':').length : 0
	const zeros = back === undefined ? 0 : 8 - groups.length - behind
	const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...(back ?? '').split(':')]
	return all
		.slice(0, 4)
		.map((group) => Number.parseInt(group || '0', 16).toString(16))
		.join(':')
}

export class AddressCounter {
	readonly #limits: AddressLimits
	readonly #now: () => Date
	#day = -1
	#key = randomBytes(32)
	#counts = new Map<string, Counts>()
	#picksOfAll = 0

	constructor(limits: AddressLimits, now: () => Date) {
		this.#limits = limits
		this.#now = now
	}

	/**
	 * Counts a request.
	 *
	 * @returns a name for its address on this day
	 * @throws ProblemError 429
	 */
	enter(address: string): string {
		this.#startDay()
		const name = this.#nameOf(address)
		const { requestsInWindow } = this.#limits
		const counts = this.#countsOf(name)
		if (counts.requests >= requestsInWindow)
			throw this.#tooMuch('too many requests from this address', counts.windowEnd)
		counts.requests += 1
		return name
	}

	/** Counts picks that are about to be kept. @param name of {@link enter} @throws ProblemError 429 */
	admit(name: string, picks: number): void {
		const { picksInWindow, picksInDay, picksInDayOfAll } = this.#limits
		const counts = this.#countsOf(name)
		const tomorrow = (this.#day + 1) * DAY_MS
		if (this.#picksOfAll + picks > picksInDayOfAll)
			throw this.#tooMuch('no more picks are taken today', tomorrow)
		if (counts.picksInDay + picks > picksInDay)
			throw this.#tooMuch('no more picks are taken from this address today', tomorrow)
		if (counts.picksInWindow + picks > picksInWindow)
			throw this.#tooMuch('too many picks from this address', counts.windowEnd)
		counts.picksInWindow += picks
		counts.picksInDay += picks
		this.#picksOfAll += picks
	}

	/** What was not kept after all, or was known, is not counted. */
	giveBack(name: string, picks: number): void {
		const counts = this.#countsOf(name)
		counts.picksInWindow = Math.max(0, counts.picksInWindow - picks)
		counts.picksInDay = Math.max(0, counts.picksInDay - picks)
		this.#picksOfAll = Math.max(0, this.#picksOfAll - picks)
	}

	#startDay(): void {
		const day = Math.floor(this.#now().getTime() / DAY_MS)
		if (day === this.#day) return
		this.#day = day
		this.#key = randomBytes(32)
		this.#counts = new Map()
		this.#picksOfAll = 0
	}

	#nameOf(address: string): string {
		return createHmac('sha256', this.#key).update(address).digest('hex').slice(0, 16)
	}

	#countsOf(name: string): Counts {
		const now = this.#now().getTime()
		const known = this.#counts.get(name)
		if (!known && this.#counts.size >= this.#limits.addresses)
			throw this.#tooMuch('too many addresses today', (this.#day + 1) * DAY_MS)
		const counts = known ?? { windowEnd: 0, requests: 0, picksInWindow: 0, picksInDay: 0 }
		if (now >= counts.windowEnd)
			Object.assign(counts, { windowEnd: now + WINDOW_MS, requests: 0, picksInWindow: 0 })
		this.#counts.set(name, counts)
		return counts
	}

	#tooMuch(detail: string, until: number): ProblemError {
		const seconds = Math.max(1, Math.ceil((until - this.#now().getTime()) / 1000))
		return new ProblemError(429, `${detail}; come back later`, { 'Retry-After': seconds })
	}
}
