import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readZstandard } from '../../../../../scripts/lib/posts/zstandard/zstandard.ts'
import { AppError } from '../../../../../src/shared/app-error.ts'

const WORDS = 'kernel laptop telescope recipe garden with the first question about'.split(' ')

/** What `zstd` (1.5.4) made of {@link makeText}, in base64: with `-19`, `-1 --no-check`, `-19 --ultra --long=31`. */
// biome-ignore format: data
const PACKED = {
	best: [
		'KLUv/QRodRQAEoUOEKAdDrDbJX1PrBb+/9sv2oT/////31hsQbWh0XeUTIQT0QSLoQgr3avkBQMifKicCNrYgFWNQHW9poE5qJG3',
		'FPZjDCEIAYNxqMTcDREwBBBMYAgmmhiFWVCYQmFZA/OvNcc4rHYP1KrjCFGBjMpWD+a5zKz2Ot+KoDkhYp/BI/0pHF0XeIomayPz',
		'hkFhT1LdjkOutMDqLCSEQgOe00Ucto2H+gjjuXhBrXU6/fPF1kWjf+Yu8AwGzxCU5234dN/6tQCxAKuJLFVVFrj9/YC7RKanxg8C',
		'V7VjB9gsFB7RwZlOWqYpuWrJlV1srykcQ7pIPnAWc6f+bANoZ+CyKDfJFr50t0HWSpK2NgsosmoC/QW1KV2Jq8hCe47fNRIMWjMt',
		'Jl9hIbivZ/mDJvdQr2F9o/avF/bTCdMXcZRIwJZO3MNsXhirIdCbuk4gA8EFacLe2Y2Zr0bB7cKkmRoGYfZ+y2yDmZWcEc00SYXw',
		'tOUU45KkxJ/KfhIzYIy82LNmdNmhLQDsRb6gg1wxnWU5zF9Amji+YqV3ODL8zALE41PV9J3MI5koBHZRppdbjK3BQDSk2sSIwLyn',
		'C1KP/4nfbiu+1l0q7ivnnDLH9SB2zyqJ3E/eozwfd3CJxTEfcFCLgY07+GdbzWW8Id/qWZlQwie1obRXinZ8NuvJmW+KSNsYADCa',
		'zQkegSDsWbKJp7xJByIr+QvtNwFsP1maQ2REXLyouyxUIQdLcmx5Py+eBjzD5r2+1+hUL7ZM6sNw1xGP1G3379OMxLsz6QNsLq9g',
		'Jd0iNm0CnQ3JaGCQAUJvzBFprYuBwSZlu0oaCnqZbJaFNSz8Wg8/gO9S0q4YoB38lb/OcOsJOVOYMStg1qoG8spVLA==',
	],
	fast: [
		'KLUv/QBIzRsARhErFqAlaQNAJpFPttJOpifbNv3/733zRAEnACMAIwAFg1P6pjAfTw2JN7cBNFxADaBuFEeRG/SEOr/OrysZmCP3',
		'IjfoCQHn/BvFQeeXXz6eG8Vxozi+KYyuYHDq46GSL0bKx+PXN4XVBZvCbhSHj2dTmFEcRJvCyMfj4/H98zeFfVMY3SiOTWE+Hh8D',
		'9U1h5eMhOp82hRG5QU+4URz++S6/yK8bxVFEJV+M+HiK/IGFqDGPaJNUpn0DMQQVBnoL4Q0RIAQI1EHHGM0kyTAGmEXIdEUTwm6P',
		'DUr5NkcGQTXyYygwksUqdWVV0J8csXWsM5vW050g9CIE3+LlKbobVKT9TkKHuSJuvcM7Rcrr6MK8DNQf+hwtkITr7PVU54SCS+rF',
		'oJvxSndNrgrBTwEToU8mPOk3x6trER8CjdAB74bvekiweq7jxMDusyiDA44J6jRdraEQOinuJciD2lciwHd6on/odkDlGfWkRwDI',
		'WFohHFEv99ZcG7pT/kwP61GzzMvMJ1dCIestyxOO26MqypKa9Lvt4t4NbKoIM5pbad1YMFlEyXY/2/zFgBIBIjAltjFEkUBdZo0y',
		'VSFdwWnmoETz3C54M7qsskXs1rIoPL6gjJLNANqOBIzfORJUyV2mYUwo2D7I+JXaLMPDgM5URENJz4cCxv+v3M/OgJnPSsZM11hh',
		'oQAtc8aaVppzt5wATeAX0PZIuymCTXHOTRJwjIpT7FGdTGRDj0VbGapkhmCPKWsCgQfvVnvYnPRqB3mts3jh9d1n7GraeUFWUkDo',
		'Zp22KHILV1CA4Rf8XeAkcJKGYdUerPrg64VKTRzDLMwZCWEeYMrfb2DRHf+HsTX/QCqYCylEjeLaGx5EmS3H+62jBrWQAsVIfC54',
		'bVgSYymC3KZ/qt+QFcTMszNzXEeco8pqoFyf1BkEaZAi/7cUEGri+h5DcfNoRJONBZZ1hwdNumIjM5RYjZZLKN2Y5F4yb5MAIJUk',
		'T1EwT4Vidr+k92UaeTs4p3WJocO7c2lTArQ1weoW8l4Y0YcglfgxxvmXpGkrx1m/CEt96lRJGAR58F3iH2bC0hN8R2DamWok5jsx',
		'XHFO+yCoLLTmv2XaLboM4dsQHeVV1K4ZgsKpCbHjtMZJZ1CEYIAQVlexoE9tbTmIqrPL5HatrnMzYAuJmkZVANwdAAKlN4JBFQ==',
	],
	long: [
		'KLUv/QSodRQAEoUOEKAdDrDbJX1PrBb+/9sv2oT/////31hsQbWh0XeUTIQT0QSLoQgr3avkBQMifKicCNrYgFWNQHW9poE5qJG3',
		'FPZjDCEIAYNxqMTcDREwBBBMYAgmmhiFWVCYQmFZA/OvNcc4rHYP1KrjCFGBjMpWD+a5zKz2Ot+KoDkhYp/BI/0pHF0XeIomayPz',
		'hkFhT1LdjkOutMDqLCSEQgOe00Ucto2H+gjjuXhBrXU6/fPF1kWjf+Yu8AwGzxCU5234dN/6tQCxAKuJLFVVFrj9/YC7RKanxg8C',
		'V7VjB9gsFB7RwZlOWqYpuWrJlV1srykcQ7pIPnAWc6f+bANoZ+CyKDfJFr50t0HWSpK2NgsosmoC/QW1KV2Jq8hCe47fNRIMWjMt',
		'Jl9hIbivZ/mDJvdQr2F9o/avF/bTCdMXcZRIwJZO3MNsXhirIdCbuk4gA8EFacLe2Y2Zr0bB7cKkmRoGYfZ+y2yDmZWcEc00SYXw',
		'tOUU45KkxJ/KfhIzYIy82LNmdNmhLQDsRb6gg1wxnWU5zF9Amji+YqV3ODL8zALE41PV9J3MI5koBHZRppdbjK3BQDSk2sSIwLyn',
		'C1KP/4nfbiu+1l0q7ivnnDLH9SB2zyqJ3E/eozwfd3CJxTEfcFCLgY07+GdbzWW8Id/qWZlQwie1obRXinZ8NuvJmW+KSNsYADCa',
		'zQkegSDsWbKJp7xJByIr+QvtNwFsP1maQ2REXLyouyxUIQdLcmx5Py+eBjzD5r2+1+hUL7ZM6sNw1xGP1G3379OMxLsz6QNsLq9g',
		'Jd0iNm0CnQ3JaGCQAUJvzBFprYuBwSZlu0oaCnqZbJaFNSz8Wg8/gO9S0q4YoB38lb/OcOsJOVOYMStg1qoG8spVLA==',
	],
}

const packed = Object.fromEntries(
	Object.entries(PACKED).map(([name, lines]) => [name, Buffer.from(lines.join(''), 'base64')]),
) as Record<keyof typeof PACKED, Buffer>
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
const text = makeText()
const HAS_ZSTD = hasZstd()

/** Words that repeat: the same text for ever, because {@link PACKED} was made from it. */
function makeText(): string {
	let state = 42
	const random = () => {
		state = (state * 48_271) % 2_147_483_647
		return state / 2_147_483_647
	}
	let made = ''
	while (made.length < 4000)
		made += `${WORDS[Math.floor(random() * 10)]}${random() < 0.1 ? '\n' : ' '}`
	return made
}

function hasZstd(): boolean {
	try {
		execFileSync('zstd', ['--version'])
		return true
	} catch {
		return false
	}
}

function runZstd(args: readonly string[], input: Uint8Array): Buffer {
	return execFileSync('zstd', ['-q', '-c', ...args], { input, maxBuffer: 1 << 28 })
}

async function unpack(data: Uint8Array, chunkBytes = data.length || 1): Promise<Buffer> {
	async function* chunks() {
		for (let at = 0; at < data.length; at += chunkBytes) yield data.subarray(at, at + chunkBytes)
	}
	const blocks: Uint8Array[] = []
	for await (const block of readZstandard(chunks(), 'x.zst')) blocks.push(block)
	return Buffer.concat(blocks)
}

describe('readZstandard', () => {
	it.each(Object.keys(packed) as (keyof typeof PACKED)[])(
		'unpacks the frame "%s"',
		async (name) => {
			expect((await unpack(packed[name])).toString()).toBe(text)
		},
	)

	it('unpacks frames that follow each other, skippable ones between, in pieces of any size', async () => {
		const data = Buffer.concat([packed.best, SKIPPABLE, packed.fast, packed.long, SKIPPABLE])
		for (const chunkBytes of [1, 2, 7, 100, data.length])
			expect((await unpack(data, chunkBytes)).toString()).toBe(text.repeat(3))
	})

	it('unpacks nothing from nothing', async () => {
		expect(await unpack(new Uint8Array(0))).toHaveLength(0)
	})

	it('notices every place at which a frame may be cut off', async () => {
		for (let length = 1; length < packed.best.length; length++)
			await expect(unpack(packed.best.subarray(0, length))).rejects.toThrow(
				/^file is damaged: x\.zst \(.*\); get it again$/,
			)
	})

	it('never gives another text for a turned bit', async () => {
		// Some bits say nothing: those that fill up the last byte of a table, or the size of a window.
		for (let bit = 0; bit < packed.best.length * 8; bit += 3) {
			const turned = Buffer.from(packed.best)
			turned[bit >>> 3] = (turned[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
			const outcome = await unpack(turned).catch((error: unknown) => error)
			if (Buffer.isBuffer(outcome)) expect(outcome.toString()).toBe(text)
			else expect(outcome).toBeInstanceOf(AppError)
		}
	})

	it('ends with an expected failure, or with some bytes, whatever it is given', async () => {
		const start = packed.fast.subarray(0, 30)
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(30), async (noise, kept) => {
				const data = Buffer.concat([start.subarray(0, kept), noise])
				await unpack(data).catch((error: unknown) => expect(error).toBeInstanceOf(AppError))
			}),
			{ numRuns: 1000 },
		)
	})

	it('keeps what came before the damage', async () => {
		const data = Buffer.concat([packed.best, packed.fast.subarray(0, 300)])
		const blocks: Uint8Array[] = []
		const read = async () => {
			for await (const block of readZstandard(one(data), 'x.zst')) blocks.push(block)
		}
		await expect(read()).rejects.toMatchObject({ code: 'damaged' })
		expect(Buffer.concat(blocks).toString()).toBe(text)
	})

	it.each([
		['text', Buffer.from('no zstd at all'), 'damaged', /no Zstandard frame/],
		['a dictionary', Buffer.from('28b52ffd21070400', 'hex'), 'unsupported', /needs a dictionary/],
		['a window above 2 GB', Buffer.from('28b52ffd00b9', 'hex'), 'unsupported', /2 GB is the most/],
	])('refuses %s', async (_, data, code, message) => {
		await expect(unpack(data)).rejects.toMatchObject({ code })
		await expect(unpack(data)).rejects.toThrow(message)
	})
})

describe.skipIf(!HAS_ZSTD)('readZstandard beside zstd itself', () => {
	const shapes = fc.oneof(
		fc.uint8Array({ maxLength: 2000 }),
		fc
			.array(
				fc.tuple(fc.constantFrom(...WORDS, '\n', '\u0000', 'é'), fc.integer({ min: 1, max: 400 })),
			)
			.map((runs) => Buffer.from(runs.map(([word, count]) => word.repeat(count)).join(''))),
		fc
			.array(fc.constantFrom(...WORDS), { maxLength: 3000 })
			.map((words) => Buffer.from(words.join(' '))),
	)

	it('unpacks what any level packs', async () => {
		const flags = fc.tuple(
			fc.constantFrom('-1', '-3', '-7', '-12', '-19', '--fast=5'),
			fc.constantFrom('--check', '--no-check'),
			fc.constantFrom('--long=10', '--long=27', '--long=31'),
		)
		await fc.assert(
			fc.asyncProperty(shapes, flags, async (data, args) => {
				expect((await unpack(runZstd(args, data))).equals(Buffer.from(data))).toBe(true)
			}),
			{ numRuns: 60 },
		)
	})

	it('finds what stands far back, through many turns of a small window', async () => {
		const random = Buffer.from(Array.from({ length: 300_000 }, (_, index) => hash(index)))
		const data = Buffer.concat([random, Buffer.from(text.repeat(300)), random, random])
		for (const args of [
			['-19', '--ultra', '--long=31'],
			['-1'],
			['-5', '--zstd=wlog=10'],
			['-9', '--zstd=wlog=17'],
		])
			expect((await unpack(runZstd(args, data), 65_536)).equals(data)).toBe(true)
	})
})

function hash(index: number): number {
	return Math.imul(index ^ (index >>> 7), 0x9e3779b1) >>> 13
}

async function* one(data: Uint8Array): AsyncGenerator<Uint8Array> {
	yield data
}
