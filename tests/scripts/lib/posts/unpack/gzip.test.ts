import { execFileSync } from 'node:child_process'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGzip } from '../../../../../scripts/lib/posts/unpack/gzip.ts'
import { AppError } from '../../../../../src/shared/app-error.ts'
import { hasTool } from '../../../../fixtures/tools.ts'

const text = Array.from({ length: 300_000 }, (_, line) => `line ${line * 7919}\n`).join('')
const packed = gzipSync(text)

async function* inChunks(data: Uint8Array, chunkBytes = data.length || 1) {
	for (let at = 0; at < data.length; at += chunkBytes) yield data.subarray(at, at + chunkBytes)
}

/** What came before an error, and the error. */
async function unpack(data: Uint8Array, chunkBytes?: number) {
	const pieces: Uint8Array[] = []
	try {
		for await (const piece of readGzip(inChunks(data, chunkBytes), 'x.gz')) pieces.push(piece)
	} catch (error) {
		return { text: Buffer.concat(pieces).toString(), error: error as AppError }
	}
	return { text: Buffer.concat(pieces).toString(), error: null }
}

describe('readGzip', () => {
	it('unpacks members that follow each other, zeros behind them, in pieces of any size', async () => {
		const small = gzipSync('a small one')
		const data = Buffer.concat([small, Buffer.alloc(5), gzipSync(''), small, Buffer.alloc(700)])
		expect(gunzipSync(Buffer.concat([small, gzipSync(''), small])).toString()).toBe(
			'a small onea small one',
		)
		for (const chunkBytes of [1, 2, 3, 29, data.length])
			expect(await unpack(data, chunkBytes)).toEqual({
				text: 'a small onea small one',
				error: null,
			})
		expect(await unpack(Buffer.concat([packed, packed]), 65_536)).toEqual({
			text: text + text,
			error: null,
		})
	})

	it.each(['\n', 'junk', 'some junk that is longer than the header of a member', '\u001f\u008b'])(
		'keeps everything before the junk %j behind the file, and reports it',
		async (junk) => {
			for (const chunkBytes of [1 << 20, 1000]) {
				const data = Buffer.concat([packed, Buffer.from(junk, 'latin1')])
				const { text: unpacked, error } = await unpack(data, chunkBytes)
				expect(unpacked === text).toBe(true)
				expect(error?.message).toMatch(/^file is damaged: x\.gz \(.+\); get it again$/)
			}
		},
	)

	it('names what is wrong', async () => {
		const reason = async (data: Uint8Array) =>
			/\((.*)\)/.exec((await unpack(data)).error?.message ?? '')?.[1]
		expect(await reason(Buffer.alloc(0))).toBe('it is empty')
		expect(await reason(Buffer.from('text'))).toBe('no gzip member where one should begin')
		expect(await reason(Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0]))).toBe(
			'a member of an unknown kind',
		)
		const turned = Buffer.from(packed)
		turned[packed.length - 6] = (turned[packed.length - 6] ?? 0) ^ 1
		expect(await reason(turned)).toBe('a checksum differs')
		const shorter = Buffer.from(packed)
		shorter[packed.length - 2] = (shorter[packed.length - 2] ?? 0) ^ 1
		expect(await reason(shorter)).toBe('a checksum differs')
	})

	it('notices every place at which a file may be cut off', async () => {
		const small = gzipSync('a small one')
		for (let length = 1; length < small.length; length++)
			expect((await unpack(small.subarray(0, length))).error?.message).toBe(
				'file is damaged: x.gz (it is cut off); get it again',
			)
	})

	it('reads headers with every field', async () => {
		const extra = Buffer.from([3, 0, 1, 2, 3])
		const fields = Buffer.concat([extra, Buffer.from('name\0comment\0'), Buffer.from([9, 9])])
		const small = gzipSync('a small one')
		const head = Buffer.from(small.subarray(0, 10))
		head[3] = 4 + 8 + 16 + 2
		const data = Buffer.concat([head, fields, small.subarray(10)])
		expect(await unpack(data, 3)).toEqual({ text: 'a small one', error: null })
	})

	it.skipIf(!hasTool('gzip', '--version'))('unpacks what the program gzip packs', async () => {
		const data = execFileSync('gzip', ['-1', '-c'], { input: text, maxBuffer: 1 << 26 })
		expect((await unpack(data)).text === text).toBe(true)
	})

	it('never gives another text for a damaged bit, and ends with an expected failure', async () => {
		const small = gzipSync(text.slice(0, 3000))
		await fc.assert(
			fc.asyncProperty(fc.nat(small.length * 8 - 1), async (bit) => {
				const turned = Buffer.from(small)
				turned[bit >>> 3] = (turned[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
				const { text: unpacked, error } = await unpack(turned)
				if (error) expect(error).toBeInstanceOf(AppError)
				else expect(unpacked).toBe(text.slice(0, 3000))
			}),
			{ numRuns: 300 },
		)
	})

	it('takes a failure of the disk for no damage', async () => {
		async function* failing() {
			yield packed.subarray(0, 1000)
			throw Object.assign(new Error('read failed'), { code: 'EIO' })
		}
		const read = async () => {
			for await (const _piece of readGzip(failing(), 'x.gz'));
		}
		await expect(read()).rejects.toMatchObject({ code: 'EIO' })
	})

	it('lets go of the file when nobody reads on', async () => {
		let isClosed = false
		async function* file() {
			try {
				for (;;) yield* inChunks(packed, 1000)
			} finally {
				isClosed = true
			}
		}
		for await (const _piece of readGzip(file(), 'x.gz')) break
		await expect.poll(() => isClosed).toBe(true)
	})
})
