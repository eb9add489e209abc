import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	type Line,
	MAX_LINE_BYTES,
	readLines,
	TOO_LONG,
} from '../../../../scripts/lib/posts/lines.ts'

async function collect(chunks: readonly Uint8Array[]): Promise<Line[]> {
	const lines: Line[] = []
	for await (const some of readLines(
		(async function* () {
			yield* chunks
		})(),
	))
		lines.push(...some)
	return lines
}

describe('readLines', () => {
	it('gives the same lines wherever the bytes are cut', async () => {
		const text = fc.array(fc.constantFrom('a', 'é', '🙂', '\n', '\r\n', ''), { maxLength: 40 })
		await fc.assert(
			fc.asyncProperty(text, fc.array(fc.nat(10)), async (parts, sizes) => {
				const whole = parts.join('')
				const bytes = Buffer.from(whole)
				const chunks: Uint8Array[] = []
				let at = 0
				for (const size of [...sizes, bytes.length]) {
					chunks.push(bytes.subarray(at, at + size))
					at += size
				}
				const expected = whole.split('\n')
				if (expected.at(-1) === '') expected.pop()
				expect(await collect(chunks)).toEqual(expected)
			}),
		)
	})

	it('takes a byte order mark away from the first line only', async () => {
		expect(await collect([Buffer.from('\uFEFFa\n\uFEFFb')])).toEqual(['a', '\uFEFFb'])
	})

	it('says which line is too long, and holds no more of it', async () => {
		const long = Buffer.alloc(MAX_LINE_BYTES / 4 + 1, 'x')
		const chunks = [
			Buffer.from('a\n'),
			long,
			long,
			long,
			long,
			Buffer.from('\nb\nc'),
			long,
			long,
			long,
			long,
		]
		const tooLong = { problem: TOO_LONG, text: null }
		expect(await collect(chunks)).toEqual(['a', tooLong, 'b', tooLong])
	})

	it('says which lines are not UTF-8, and reads the others', async () => {
		const bytes = Buffer.from('plain\ncaf\xe9\n\n\xc3\xa9t\xc3\xa9\n\xff', 'latin1')
		const dirty = (text: string) => ({ problem: expect.stringMatching(/^not UTF-8/), text })
		const expected = ['plain', dirty('café'), '', 'été', dirty('ÿ')]
		expect(await collect([bytes])).toEqual(expected)
		expect(await collect([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
	})
})
