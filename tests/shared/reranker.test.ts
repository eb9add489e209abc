import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { Reranker } from '../../src/shared/reranker.ts'

const reranker = {
	version: 2,
	temperature: 0.9,
	hidden: [
		[1, -2, 3],
		[0, 0.5, 0],
	],
	bias: [0.1, -0.1],
	output: [2, -2],
}
const messagesOf = (change: object) =>
	(v.safeParse(Reranker, { ...reranker, ...change }).issues ?? []).map(({ message }) => message)

describe('Reranker', () => {
	it('takes a network', () => {
		expect(v.parse(Reranker, reranker)).toEqual(reranker)
	})

	it('takes one that does not say its version for the first', () => {
		const { version: _, ...early } = reranker
		expect(v.parse(Reranker, early)).toEqual({ ...early, version: 1 })
		for (const wrong of [0, 1.5, '1']) expect(messagesOf({ version: wrong })).not.toEqual([])
	})

	it('refuses numbers that are not finite, or too large to be a weight', () => {
		for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 1e7, -1e7, '1']) {
			expect(messagesOf({ temperature: wrong })).not.toEqual([])
			expect(messagesOf({ hidden: [[1, wrong, 1], reranker.hidden[1]] })).not.toEqual([])
			expect(messagesOf({ bias: [0, wrong] })).not.toEqual([])
			expect(messagesOf({ output: [0, wrong] })).not.toEqual([])
		}
	})

	it('refuses parts that do not fit each other', () => {
		const units = 'expected as many biases and outputs as hidden units'
		expect(messagesOf({ bias: [1] })).toEqual([units])
		expect(messagesOf({ output: [1, 2, 3] })).toEqual([units])
		expect(messagesOf({ hidden: [[1, 2], [1]] })).toEqual([
			'expected a weight for each feature in every hidden unit',
		])
	})

	it('refuses a network without units or features, and one that is too large', () => {
		const sized = (units: number, features: number) => ({
			hidden: Array.from({ length: units }, () => Array<number>(features).fill(1)),
			bias: Array<number>(units).fill(1),
			output: Array<number>(units).fill(1),
		})
		expect(messagesOf(sized(256, 64))).toEqual([])
		for (const [units, features] of [
			[0, 3],
			[2, 0],
			[257, 3],
			[2, 65],
		] as const)
			expect(messagesOf(sized(units, features))).not.toEqual([])
	})
})
