import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	decodeWithProgram,
	findZstandardDecoder,
	readZstandard,
	readZstandardFile,
	type StreamFacts,
	type ZstandardDecoder,
} from '../../../../../scripts/lib/posts/unpack/zstandard.ts'
import { AppError } from '../../../../../src/shared/app-error.ts'
import { temporaryFolder } from '../../../../fixtures/effects.ts'
import { hasFileLimit, runWithFewFiles } from '../../../../fixtures/few-files.ts'
import {
	hasZstdDecoder,
	hasZstdProgram,
	packZstandard,
	zstdDecoders,
} from '../../../../fixtures/zstandard.ts'

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

let large: Buffer | null = null

/** 80 MB of text, packed once. */
function packLarge(): Buffer {
	large ??= packZstandard(text.repeat(20_000))
	return large
}

function runZstd(args: readonly string[], input: Uint8Array): Buffer {
	return execFileSync('zstd', ['-q', '-c', ...args], { input, maxBuffer: 1 << 28 })
}

async function* inChunks(data: Uint8Array, chunkBytes = data.length || 1) {
	for (let at = 0; at < data.length; at += chunkBytes) yield data.subarray(at, at + chunkBytes)
}

/** How packed bytes come to a decoder: in chunks, or in a file that it reads by itself. */
type Read = (data: Uint8Array, facts: StreamFacts, chunkBytes?: number) => AsyncIterable<Uint8Array>

const NAME = 'x.zst'
/** Where Linux has them. */
const OPEN_FILES = '/proc/self/fd'
const NO_FACTS: StreamFacts = { lacksChecksum: false }

function readInChunks(decoder: ZstandardDecoder): Read {
	return (data, facts, chunkBytes) =>
		readZstandard(inChunks(data, chunkBytes), decoder, { name: NAME, facts })
}

function readAsFile(unpackFile: NonNullable<ZstandardDecoder['unpackFile']>): Read {
	return async function* (data, facts) {
		const path = join(await temporaryFolder(), NAME)
		await writeFile(path, data)
		let read = 0
		const onRead = (bytes: number) => {
			read += bytes
		}
		yield* readZstandardFile(path, unpackFile, { name: NAME, facts, onRead })
		expect(read).toBe(data.length)
	}
}

/** Each unpacking by the program starts a process: so each way takes its share of the places that a test tries, in turn. */
function placesFor(
	read: Read,
	{ from = 0, to, step }: { from?: number; to: number; step: number },
) {
	const way = reads.findIndex(([, one]) => one === read)
	const places: number[] = []
	for (let at = from + way * step; at < to; at += reads.length * step) places.push(at)
	return places
}

const reads = zstdDecoders.flatMap(([name, decoder]): [string, Read][] => [
	[name, readInChunks(decoder)],
	...(decoder.unpackFile
		? [[`${name}, of a file`, readAsFile(decoder.unpackFile)] satisfies [string, Read]]
		: []),
])

async function unpackWith(read: Read, data: Uint8Array, chunkBytes?: number) {
	const blocks: Uint8Array[] = []
	const facts: StreamFacts = { lacksChecksum: false }
	let error: unknown = null
	try {
		for await (const block of read(data, facts, chunkBytes)) blocks.push(Buffer.from(block))
	} catch (thrown) {
		error = thrown
	}
	return { text: Buffer.concat(blocks), error, facts }
}

/** A byte at `at` is another one. */
function damage(data: Uint8Array, at: number): Buffer {
	const copy = Buffer.from(data)
	copy[at] = (copy[at] ?? 0) ^ 0x5a
	return copy
}

/** Paths of what this process has open. */
async function openFiles(): Promise<string[]> {
	const files = await readdir(OPEN_FILES)
	return Promise.all(files.map((file) => readlink(join(OPEN_FILES, file)).catch(() => '')))
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0)
	} catch {
		return false
	}
}

describe.skipIf(!hasZstdDecoder).each(reads)('unpacking with %s', (_, read) => {
	const unpack = async (data: Uint8Array, chunkBytes?: number) => {
		const { text: unpacked, error } = await unpackWith(read, data, chunkBytes)
		if (error) throw error
		return unpacked
	}

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

	it('refuses an empty file', async () => {
		await expect(unpack(new Uint8Array(0))).rejects.toThrow(
			'file is damaged: x.zst (it is empty); get it again',
		)
	})

	it('notices where a file is cut off', async () => {
		const data = Buffer.concat([packed.fast, packed.best])
		for (const length of placesFor(read, { from: 1, to: data.length, step: 37 })) {
			if (length === packed.fast.length) continue
			await expect(unpack(data.subarray(0, length))).rejects.toThrow(
				'file is damaged: x.zst (it is cut off); get it again',
			)
		}
	})

	it('never gives another text for a damaged byte where there is a checksum', async () => {
		// Some bits say nothing: those that fill up the last byte of a table, or the size of a window.
		for (const at of placesFor(read, { to: packed.best.length, step: 9 })) {
			const { text: unpacked, error } = await unpackWith(read, damage(packed.best, at))
			if (error) expect(error).toBeInstanceOf(AppError)
			else expect(unpacked.toString()).toBe(text)
		}
	})

	it('tells whether all of it has checksums', async () => {
		const all = await unpackWith(read, Buffer.concat([packed.best, SKIPPABLE, packed.long]))
		expect(all).toMatchObject({ error: null, facts: { lacksChecksum: false } })
		const some = await unpackWith(read, Buffer.concat([packed.best, packed.fast]))
		expect(some).toMatchObject({ error: null, facts: { lacksChecksum: true } })
	})

	it.each([
		['is cut off', packed.fast.subarray(0, 300), 'it is cut off'],
		['is no frame', Buffer.from('junk'), 'no Zstandard frame where one should begin'],
	])('keeps what came before a part that %s', async (__, rest, reason) => {
		// More than the decoders hand out at once.
		const before = text.repeat(2_000)
		const data = Buffer.concat([packZstandard(before), packed.best, rest])
		const { text: unpacked, error } = await unpackWith(read, data)
		expect(error).toMatchObject({
			code: 'damaged',
			message: `file is damaged: x.zst (${reason}); get it again`,
		})
		expect(unpacked.toString().startsWith(before + text)).toBe(true)
	})

	it.each([
		['text', Buffer.from('no zstd at all'), 'damaged', /no Zstandard frame/],
		['a dictionary', Buffer.from('28b52ffd21070400', 'hex'), 'unsupported', /needs a dictionary/],
		['a window above 2 GB', Buffer.from('28b52ffd00b9', 'hex'), 'unsupported', /above 2 GB/],
	])('refuses %s', async (__, data, code, message) => {
		await expect(unpack(data)).rejects.toMatchObject({ code })
		await expect(unpack(data)).rejects.toThrow(message)
	})

	const shapes = fc.oneof(
		fc.uint8Array({ minLength: 1, maxLength: 2000 }),
		fc
			.array(fc.constantFrom(...WORDS), { maxLength: 3000 })
			.map((words) => Buffer.from(words.join(' '))),
	)

	it.skipIf(!hasZstdProgram)('unpacks what any level packs', async () => {
		const flags = fc.tuple(
			fc.constantFrom('-1', '-3', '-7', '-12', '-19', '--fast=5'),
			fc.constantFrom('--check', '--no-check'),
			fc.constantFrom('--long=10', '--long=27', '--long=31'),
		)
		await fc.assert(
			fc.asyncProperty(shapes, flags, async (data, args) => {
				expect((await unpack(runZstd(args, data))).equals(Buffer.from(data))).toBe(true)
			}),
			// Each starts two processes: 40 took 111 s on a busy machine.
			{ numRuns: 6 },
		)
	})

	it('ends with an expected failure, or with some bytes, whatever it is given', async () => {
		const start = packed.fast.subarray(0, 30)
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat(30), async (noise, kept) => {
				const data = Buffer.concat([start.subarray(0, kept), noise])
				const { error } = await unpackWith(read, data)
				if (error) expect(error).toBeInstanceOf(AppError)
			}),
			{ numRuns: 20 },
		)
	})
})

describe.skipIf(!hasZstdDecoder).each(zstdDecoders)('readZstandard with %s', (_, decoder) => {
	it('takes a failure of the disk for no damage', async () => {
		async function* failing() {
			yield packed.best.subarray(0, 100)
			throw Object.assign(new Error('read failed'), { code: 'EIO' })
		}
		const unpack = async () => {
			for await (const _block of readZstandard(failing(), decoder, {
				name: NAME,
				facts: NO_FACTS,
			}));
		}
		await expect(unpack()).rejects.toMatchObject({ code: 'EIO' })
	})

	it('lets go of the file when nobody reads on', async () => {
		const data = packLarge()
		let isClosed = false
		async function* file() {
			try {
				for (;;) yield* inChunks(data, 1000)
			} finally {
				isClosed = true
			}
		}
		for await (const _block of readZstandard(file(), decoder, { name: NAME, facts: NO_FACTS }))
			break
		await expect.poll(() => isClosed).toBe(true)
	})
})

describe.skipIf(!hasZstdProgram)('readZstandardFile', () => {
	const unpackFile = decodeWithProgram('zstd').unpackFile as NonNullable<
		ZstandardDecoder['unpackFile']
	>
	const writeData = async (data: Uint8Array) => {
		const path = join(await temporaryFolder(), NAME)
		await writeFile(path, data)
		return path
	}

	it('tells of packed bytes while it unpacks', async () => {
		const noise = randomBytes(4 << 20)
		const data = runZstd(['-1'], noise)
		let [read, unpacked] = [0, 0]
		const onRead = (bytes: number) => {
			read += bytes
		}
		const options = { name: NAME, facts: NO_FACTS, onRead }
		const chunks = readZstandardFile(await writeData(data), unpackFile, options)
		for await (const chunk of chunks) {
			unpacked += chunk.length
			if (unpacked === noise.length) continue
			// Noise does not pack, so both are about the same; blocks have 128 kB.
			expect(read).toBeLessThan(unpacked + 1000)
			expect(read).toBeGreaterThan(unpacked - (1 << 18))
		}
		expect(read).toBe(data.length)
	})

	it.skipIf(!existsSync(OPEN_FILES))('closes the file when nobody reads on', async () => {
		const path = await writeData(packLarge())
		const isOpen = async () => (await openFiles()).includes(path)
		const options = { name: NAME, facts: NO_FACTS, onRead: () => {} }
		for await (const _chunk of readZstandardFile(path, unpackFile, options)) {
			expect(await isOpen()).toBe(true)
			break
		}
		expect(await isOpen()).toBe(false)
	})
})

const MODULE = pathToFileURL(
	resolve(import.meta.dirname, '../../../../../scripts/lib/posts/unpack/zstandard.ts'),
).href
const WITH_FEW_FILES = `
const { decodeWithProgram } = await import(${JSON.stringify(MODULE)})
async function* pieces() {
	yield Buffer.from('${PACKED.best.join('')}', 'base64')
}
async function unpack() {
	try {
		for await (const _ of decodeWithProgram('zstd').unpack(pieces()));
		return 'unpacked'
	} catch ({ code, message }) {
		return code + ': ' + message.split(';')[0]
	}
}
// What is loaded at first use needs files of its own.
await unpack()
const found = []
for (let free = 0; free < 20; free += 1) found.push(await withFreeFiles(free, unpack))
console.log(JSON.stringify(found))`

describe('decodeWithProgram', () => {
	it.skipIf(!hasZstdProgram)('ends the program when nobody reads on', async () => {
		const folder = await temporaryFolder()
		const program = join(folder, 'zstd')
		await writeFile(program, `#!/bin/sh\necho $$ > "${folder}/pid"\nexec zstd "$@"\n`)
		await chmod(program, 0o755)
		const chunks = inChunks(packLarge())
		const options = { name: NAME, facts: NO_FACTS }
		for await (const _block of readZstandard(chunks, decodeWithProgram(program), options)) break
		const pid = Number(await readFile(join(folder, 'pid'), 'utf8'))
		expect(pid).toBeGreaterThan(0)
		await expect.poll(() => isRunning(pid)).toBe(false)
	})

	it.skipIf(!hasZstdProgram || !hasFileLimit)(
		'says where too many files are open to start the program, however many are missing',
		async () => {
			const found = (await runWithFewFiles(WITH_FEW_FILES)) as string[]
			const outcomes = ['storage: too many files are open to start zstd', 'unpacked']
			expect(found[0]).toBe(outcomes[0])
			for (const outcome of found) expect(outcomes).toContain(outcome)
			expect(found.at(-1)).toBe('unpacked')
		},
	)
})

describe('findZstandardDecoder', () => {
	it('says what to install where there is no decoder', () => {
		expect(() => findZstandardDecoder('x.zst', { PATH: '/nowhere' }, null)).toThrow(
			new AppError(
				'missing-tool',
				'no decoder for Zstandard: x.zst; install the program zstd, or use Node 22.15 or later',
			),
		)
	})

	it('says that a program does not start', async () => {
		const { error } = await unpackWith(
			readInChunks(decodeWithProgram('/nowhere/zstd')),
			packed.best,
		)
		expect(error).toMatchObject({ code: 'missing-tool' })
	})
})
