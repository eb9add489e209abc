import { expect, it } from 'vitest'
import { type Layout, offsetsOf, Struct, sizeOf } from '../../../../scripts/lib/trainer/struct.ts'

const LAYOUT = { count: 'u32', sum: 'f64', rate: 'f32', change: 'i32' } as const satisfies Layout

it('places each field at a multiple of its size', () => {
	const offsets = [...offsetsOf(LAYOUT)].map(([name, { offset }]) => [name, offset])
	expect(Object.fromEntries(offsets)).toEqual({ count: 0, sum: 8, rate: 16, change: 20 })
	expect(sizeOf(LAYOUT)).toBe(24)
})

it('gives back what was set, each type with its range, and leaves the neighbours alone', () => {
	const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
	const record = new Struct(memory, 64, LAYOUT)
	record.set({ count: 2 ** 32 - 1, sum: 0.1, rate: 0.5, change: -7 })
	// The memory's buffer is another one once it has grown.
	memory.grow(1)
	record.set({ sum: 0.2 })
	const values = (['count', 'sum', 'rate', 'change'] as const).map((name) => record.get(name))
	expect(values).toEqual([2 ** 32 - 1, 0.2, 0.5, -7])
	const bytes = new Uint8Array(memory.buffer)
	expect(bytes.subarray(0, 64).every((byte) => byte === 0)).toBe(true)
	expect(bytes.subarray(64 + 24, 128).every((byte) => byte === 0)).toBe(true)
})

it('refuses a field that is not in the layout', () => {
	const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
	const record: Struct<Layout> = new Struct(memory, 0, LAYOUT)
	expect(() => record.get('missing')).toThrow('no such field: missing')
	expect(() => record.set({ missing: 1 })).toThrow('no such field: missing')
})
