// How much one address may send, without keeping addresses: they are counted under a keyed hash whose key lives in memory alone and
// is drawn anew each day, so that from then on nobody can tell whose count it was.
import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP, isIPv6 } from 'node:net'
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
	/** Networks whose requests are counted; those of others pass uncounted until the ten minutes end. */
	readonly countedNetworks: number
}

export const ADDRESS_LIMITS: AddressLimits = {
	requestsInWindow: 120,
	picksInWindow: 59,
	picksInDay: 300,
	picksInDayOfAll: 20_000,
	countedNetworks: 50_000,
}

/** A network of 48 bits, which may have 65,536 of 64, is let in as many times as much. */
const WIDER_NETWORK = 5

interface Counts {
	windowEnd: number
	picksInWindow: number
	picksInDay: number
}

/**
 * The address of a client, or the networks of an IPv6 one, which has addresses without number: 64 bits, then 48.
 *
 * @throws ProblemError 403 where the proxy names no address
 */
export function networksOf(request: IncomingMessage, isBehindProxy: boolean): readonly string[] {
	// The last one is what the proxy itself has seen; those before are what the client says.
	const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)
	const seen = request.socket.remoteAddress ?? ''
	const address = isBehindProxy ? withoutPort(forwarded?.trim() ?? '') : seen
	if (isIP(address) === 0)
		throw new ProblemError(403, 'the proxy names no address of the client in X-Forwarded-For')
	const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
	if (mapped !== undefined || !isIPv6(address)) return [mapped ?? address]
	const groups = groupsOf(address)
	return [groups.slice(0, 4).join(':'), groups.slice(0, 3).join(':')]
}

/** Some proxies add the port: `192.0.2.1:5001`, `[2001:db8::1]:443`. */
function withoutPort(address: string): string {
	const [, bracketed, plain] = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/.exec(address) ?? []
	return bracketed ?? plain ?? address
}

/** The 16 bits each, in one spelling; the first four are right even where the last are written as IPv4. */
function groupsOf(address: string): string[] {
	const [front = '', back] = (address.split('%')[0] ?? '').split('::')
	const groups = front === '' ? [] : front.split(':')
	const behind = back ? back.split(':').length : 0
	const zeros = back === undefined ? 0 : 8 - groups.length - behind
	const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...(back ?? '').split(':')]
	return all.map((group) => Number.parseInt(group || '0', 16).toString(16))
}

export class AddressCounter {
	readonly #limits: AddressLimits
	readonly #now: () => Date
	#day = -1
	#key = randomBytes(32)
	#counts = new Map<string, Counts>()
	#requests = new Map<string, number>()
	#requestsEnd = 0
	#picksOfAll = 0

	constructor(limits: AddressLimits, now: () => Date) {
		this.#limits = limits
		this.#now = now
	}

	/**
	 * Counts a request.
	 *
	 * @param networks the address's own first
	 * @returns names for them on this day
	 * @throws ProblemError 429
	 */
	enter(networks: readonly string[]): readonly string[] {
		this.#startDay()
		this.#startRequests()
		const names = networks.map((network) => this.#nameOf(network))
		for (const [index, name] of names.entries())
			if ((this.#requests.get(name) ?? 0) >= this.#limits.requestsInWindow * widthOf(index))
				throw this.#tooMuch('too many requests from this address', this.#requestsEnd)
		for (const name of names) {
			const requests = this.#requests.get(name)
			if (requests !== undefined || this.#requests.size < this.#limits.countedNetworks)
				this.#requests.set(name, (requests ?? 0) + 1)
		}
		return names
	}

	/** Counts picks that are about to be kept. @param names of {@link enter} @throws ProblemError 429 */
	admit(names: readonly string[], picks: number): void {
		const { picksInWindow, picksInDay, picksInDayOfAll } = this.#limits
		const tomorrow = (this.#day + 1) * DAY_MS
		if (this.#picksOfAll + picks > picksInDayOfAll)
			throw this.#tooMuch('no more picks are taken today', tomorrow)
		const all = names.map((name) => this.#countsOf(name))
		for (const [index, counts] of all.entries()) {
			if (counts.picksInDay + picks > picksInDay * widthOf(index))
				throw this.#tooMuch('no more picks are taken from this address today', tomorrow)
			if (counts.picksInWindow + picks > picksInWindow * widthOf(index))
				throw this.#tooMuch('too many picks from this address', counts.windowEnd)
		}
		for (const [index, counts] of all.entries()) {
			counts.picksInWindow += picks
			counts.picksInDay += picks
			this.#counts.set(names[index] ?? '', counts)
		}
		this.#picksOfAll += picks
	}

	/**
	 * What was not kept after all, or was known, is not counted. An address of which nothing was kept is forgotten: so the picks
	 * that all may send on a day limit how many addresses are remembered.
	 */
	giveBack(names: readonly string[], picks: number): void {
		for (const name of names) {
			const counts = this.#countsOf(name)
			counts.picksInWindow = Math.max(0, counts.picksInWindow - picks)
			counts.picksInDay = Math.max(0, counts.picksInDay - picks)
			if (counts.picksInDay === 0) this.#counts.delete(name)
		}
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

	#startRequests(): void {
		const now = this.#now().getTime()
		if (now < this.#requestsEnd) return
		this.#requestsEnd = now + WINDOW_MS
		this.#requests = new Map()
	}

	#nameOf(address: string): string {
		return createHmac('sha256', this.#key).update(address).digest('hex').slice(0, 16)
	}

	#countsOf(name: string): Counts {
		const now = this.#now().getTime()
		const counts = this.#counts.get(name) ?? { windowEnd: 0, picksInWindow: 0, picksInDay: 0 }
		if (now >= counts.windowEnd)
			Object.assign(counts, { windowEnd: now + WINDOW_MS, picksInWindow: 0 })
		return counts
	}

	#tooMuch(detail: string, until: number): ProblemError {
		const seconds = Math.max(1, Math.ceil((until - this.#now().getTime()) / 1000))
		return new ProblemError(429, `${detail}; come back later`, { 'Retry-After': seconds })
	}
}

/** How many times as much is let in of a network, by its place among those of an address. */
function widthOf(index: number): number {
	return index === 0 ? 1 : WIDER_NETWORK
}
