import { describe, expect, it } from 'vitest'
import {
	createRandom,
	drawTicket,
	shuffle,
	TICKETS,
} from '../../../../scripts/lib/snapshot/random.ts'

describe('createRandom', () => {
	it('gives the same numbers on every machine', () => {
		const random = createRandom(1)
		expect([random(), random(), random()]).toEqual([
			0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
		])
	})
})

describe('drawTicket', () => {
	it('spreads ids evenly, and otherwise for another seed', () => {
		const counts = (seed: number) => {
			const tenths = Array<number>(10).fill(0)
			for (let id = 0; id < 20_000; id++) {
				const tenth = Math.floor((drawTicket(seed, id.toString(36)) / TICKETS) * 10)
				tenths[tenth] = (tenths[tenth] ?? 0) + 1
			}
			return tenths
		}
		for (const count of [...counts(1), ...counts(2)])
			expect(Math.abs(count - 2000)).toBeLessThan(200)
		const both = Array.from({ length: 20_000 }, (_, id) => id.toString(36)).filter(
			(id) => drawTicket(1, id) < TICKETS / 10 && drawTicket(2, id) < TICKETS / 10,
		)
		expect(Math.abs(both.length - 200)).toBeLessThan(60)
	})
})

describe('shuffle', () => {
	it('gives every order of three items about as often', () => {
		const random = createRandom(7)
		const counts = new Map<string, number>()
		for (let run = 0; run < 6000; run++) {
			const items = ['a', 'b', 'c']
			shuffle(items, random)
			counts.set(items.join(''), (counts.get(items.join('')) ?? 0) + 1)
		}
		expect(counts.size).toBe(6)
		for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
	})
})
