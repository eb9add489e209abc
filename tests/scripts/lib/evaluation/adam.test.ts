import { describe, expect, it } from 'vitest'
import { Adam } from '../../../../scripts/lib/evaluation/adam.ts'

describe('Adam', () => {
	it('steps by the learning rate against a steady gradient, however large it is', () => {
		const parameters = Float64Array.of(1, 1, 1)
		const adam = new Adam(parameters, 0)
		for (let step = 0; step < 3; step += 1) adam.step(Float64Array.of(1000, -0.1, 0), 1, 0.01)
		expect(parameters[0]).toBeCloseTo(0.97, 6)
		expect(parameters[1]).toBeCloseTo(1.03, 6)
		expect(parameters[2]).toBe(1)
	})

	it('remembers earlier gradients by their moments', () => {
		const parameters = Float64Array.of(0)
		const adam = new Adam(parameters, 0)
		adam.step(Float64Array.of(1), 1, 0.1)
		adam.step(Float64Array.of(-3), 1, 0.1)
		// Moments 0.9 · 0.1 − 0.1 · 3 and 0.999 · 0.001 + 0.001 · 9, over 1 − 0.9² and 1 − 0.999².
		const second = (0.1 * (-0.21 / 0.19)) / Math.sqrt(0.009999 / 0.001999)
		expect(parameters[0]).toBeCloseTo(-0.1 - second, 7)
	})

	it('follows the mean over the examples plus the decay', () => {
		const parameters = Float64Array.of(2, 2, 2)
		const adam = new Adam(parameters, 0.5)
		adam.step(Float64Array.of(-4, -8, 0), 4, 0.01)
		expect(parameters[0]).toBe(2)
		expect(parameters[1]).toBeCloseTo(2.01, 6)
		expect(parameters[2]).toBeCloseTo(1.99, 6)
	})
})
