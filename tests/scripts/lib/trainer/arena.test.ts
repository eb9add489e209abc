import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Arena } from '../../../../scripts/lib/trainer/arena.ts'

const RESERVED = 1_024

function makeArena(): Arena {
	const memory = new WebAssembly.Memory({ initial: 1, maximum: 1_000, shared: true })
	return new Arena(memory, RESERVED)
}

type Action =
	| { readonly kind: 'take'; readonly bytes: number }
	| { readonly kind: 'free' | 'shrink'; readonly which: number; readonly bytes: number }

const anyAction: fc.Arbitrary<Action> = fc.oneof(
	fc.record({ kind: fc.constant('take' as const), bytes: fc.nat(200_000) }),
	fc.record({
		kind: fc.constantFrom('free' as const, 'shrink' as const),
		which: fc.nat(20),
		bytes: fc.nat(200_000),
	}),
)

it('hands out zeroed pieces that never overlap, whatever is taken, shrunk and freed', () => {
	fc.assert(
		fc.property(fc.array(anyAction, { maxLength: 60 }), (actions) => {
			const arena = makeArena()
			const held: { start: number; bytes: number; mark: number }[] = []
			const bytesAt = (start: number, bytes: number) =>
				new Uint8Array(arena.memory.buffer, start, bytes)
			for (const [index, action] of actions.entries()) {
				const place = action.kind === 'take' ? -1 : action.which % Math.max(1, held.length)
				const piece = held[place]
				if (action.kind === 'take') {
					const start = arena.take(action.bytes, 'a test')
					expect(start % 64).toBe(0)
					expect(start).toBeGreaterThanOrEqual(RESERVED)
					expect(bytesAt(start, action.bytes).every((byte) => byte === 0)).toBe(true)
					const mark = 1 + (index % 255)
					bytesAt(start, action.bytes).fill(mark)
					held.push({ start, bytes: action.bytes, mark })
				} else if (piece && action.kind === 'free') {
					arena.free(piece.start)
					held.splice(place, 1)
				} else if (piece) {
					arena.shrink(piece.start, action.bytes)
					piece.bytes = Math.min(piece.bytes, action.bytes)
				}
			}
			// What another piece had written over would not be there any more.
			for (const { start, bytes, mark } of held)
				expect(bytesAt(start, bytes).every((byte) => byte === mark)).toBe(true)
		}),
		{ numRuns: 60 },
	)
})

it('joins what is freed, so that the memory does not grow for what it has room for', () => {
	const arena = makeArena()
	const pieces = Array.from({ length: 10 }, () => arena.take(50_000, 'a test'))
	const { size } = arena
	arena.free(...pieces)
	arena.take(480_000, 'a test')
	expect(arena.size).toBe(size)
})

it('says what would not fit, and what to do', () => {
	const arena = makeArena()
	const tooMuch = 1e15
	expect(() => arena.take(tooMuch, 'vectors of features')).toThrow(
		/^vectors of features: .* lower --dim, raise --min-count, .* --max-posts/,
	)
	expect(arena.take(100, 'a test')).toBeGreaterThanOrEqual(RESERVED)
})
