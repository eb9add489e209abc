import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import send from 'send'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../scripts/lib/files.ts'
import type { LoadProgress } from '../../src/shared/classifier-protocol.ts'
import { Manifest } from '../../src/shared/manifest.ts'
import { parseJsonWith } from '../../src/shared/parse.ts'
import { downloadPacked } from '../../src/worker/download.ts'
import { temporaryFolder } from '../fixtures/effects.ts'
import { makePairs, makeQuantizedModel, toBytes, USUAL_SHAPE } from '../fixtures/quantized-model.ts'
import { type ReleaseOptions, writeRelease } from '../fixtures/release.ts'

const VERSION = '20130601.0'
const MODEL = Uint8Array.from({ length: 50_000 }, (_, index) => (index * index) % 251)

/** A release on a real server. */
async function serveRelease(options: Partial<ReleaseOptions> = {}) {
	const dir = await temporaryFolder()
	const file = options.file ?? 'model.packed'
	await writeRelease(dir, { version: VERSION, model: MODEL, labels: 3, ...options, file })
	const server = createServer((request, response) => {
		send(request, request.url ?? '/', { root: dir }).pipe(response)
	})
	await new Promise<void>((done) => server.listen(0, 'localhost', done))
	onTestFinished(() => void server.close())
	const address = server.address()
	const port = address && typeof address === 'object' ? address.port : 0
	const manifestText = await readFile(join(dir, VERSION, 'manifest.json'), 'utf8')
	return {
		url: `http://localhost:${port}/`,
		path: join(dir, VERSION, file),
		manifest: parseJsonWith(Manifest, manifestText, 'manifest'),
	}
}

type OnProgress = (progress: LoadProgress) => void

function downloadModel(url: string, { model, version }: Manifest, onProgress: OnProgress) {
	return downloadPacked(new URL(`${version}/`, url), model, onProgress)
}

describe('downloadPacked', () => {
	test.each([
		['packed', {}],
		['not packed', { encoding: 'identity' }],
		['unpacked by the server on its way', { file: 'model.gz' }],
	] as const)('brings a model that is %s, whole', async (_name, options) => {
		const { url, manifest } = await serveRelease(options)
		const seen: LoadProgress[] = []
		const bytes = await downloadModel(url, manifest, (progress) => seen.push(progress))
		expect(Buffer.compare(new Uint8Array(bytes), MODEL)).toBe(0)
		const received = seen.filter((progress) => progress.step === 'download')
		expect(received.at(-1)?.receivedBytes).toBe(received.at(-1)?.totalBytes)
		expect(seen.at(-1)).toEqual({ step: 'verify' })
	})

	test.each(['whichsub-1', 'whichsub-4'] as const)(
		'unpacks %s, also where a host has packed it once more',
		async (encoding) => {
			const model = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))
			const { url, path, manifest } = await serveRelease({ model, encoding })
			const packed = await readFile(path)
			expect(packed.length).toBeLessThan(model.length / 2)
			for (const sent of [packed, gzipSync(packed)]) {
				await writeFile(path, sent)
				const bytes = await downloadModel(url, manifest, () => {})
				expect(Buffer.compare(new Uint8Array(bytes), model)).toBe(0)
			}
			await writeFile(path, packed.subarray(0, 1000))
			await expect(downloadModel(url, manifest, () => {})).rejects.toMatchObject({
				code: 'damaged',
			})
		},
	)

	test('gives the model byte for byte, or says that what came is damaged', async () => {
		const { url, path, manifest } = await serveRelease()
		const whole = await readFile(path)
		const damage = fc.oneof(
			fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) }).map(({ at, bit }) => {
				const bytes = Buffer.from(whole)
				bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
				return bytes
			}),
			fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
			fc.uint8Array({ minLength: 1, maxLength: 500 }).map((more) => Buffer.concat([whole, more])),
		)
		await fc.assert(
			fc.asyncProperty(damage, async (bytes) => {
				await writeFile(path, bytes)
				const outcome = await downloadModel(url, manifest, () => {}).catch(
					(error: unknown) => error,
				)
				if (outcome instanceof Uint8Array) {
					// gzip has bits that mean nothing, as the time of packing and what fills the last byte.
					expect(Buffer.compare(new Uint8Array(outcome), MODEL)).toBe(0)
				} else expect(outcome).toMatchObject({ code: 'damaged' })
			}),
			{ numRuns: 60 },
		)
	})

	test('refuses what unpacks to more than the manifest says, without unpacking it all', async () => {
		const { url, path, manifest } = await serveRelease()
		const bomb = gzipSync(Buffer.alloc(200_000_000))
		await writeFile(path, bomb)
		const model = { ...manifest.model, bytes: bomb.length, sha256: sha256(bomb) }
		const lying = { ...manifest, model }
		await expect(downloadModel(url, lying, () => {})).rejects.toThrow(/longer than \d+ bytes/)
	})

	test.each([
		['packed once more', gzipSync(gzipSync(MODEL))],
		['packed in another way', gzipSync(MODEL, { level: 0 })],
		['not packed after all', MODEL],
	])('takes the model of a host that sends it %s', async (_name, sent) => {
		const { url, path, manifest } = await serveRelease()
		await writeFile(path, sent)
		const bytes = await downloadModel(url, manifest, () => {})
		expect(Buffer.compare(new Uint8Array(bytes), MODEL)).toBe(0)
	})

	test('refuses another model, however it is packed', async () => {
		const { url, path, manifest } = await serveRelease()
		const other = Buffer.from(MODEL)
		other[100] = (other[100] ?? 0) ^ 1
		for (const sent of [other, gzipSync(other), gzipSync(gzipSync(other))]) {
			await writeFile(path, sent)
			await expect(downloadModel(url, manifest, () => {})).rejects.toMatchObject({
				code: 'damaged',
			})
		}
	})

	test('hands over what it has unpacked while it verifies that, damaged or not', async () => {
		const { url, path, manifest } = await serveRelease()
		const other = Buffer.from(MODEL)
		other[100] = (other[100] ?? 0) ^ 1
		for (const sent of [Buffer.from(MODEL), other]) {
			await writeFile(path, gzipSync(sent))
			const unpacked: Uint8Array[] = []
			const folder = new URL(`${manifest.version}/`, url)
			const download = downloadPacked(
				folder,
				manifest.model,
				() => {},
				(bytes) => unpacked.push(bytes),
			)
			const outcome = await download.catch((error: unknown) => error)
			expect(unpacked.map((bytes) => Buffer.compare(bytes, sent))).toEqual([0])
			if (sent === other) expect(outcome).toMatchObject({ code: 'damaged' })
			else expect(outcome).toBe(unpacked[0])
		}
	})

	test('tells a web page from a damaged model', async () => {
		const { url, path, manifest } = await serveRelease()
		for (const sent of [
			'<!doctype html><title>Sign in</title>',
			'\n<html>',
			'<?xml version="1.0"?>',
		]) {
			await writeFile(path, sent)
			await expect(downloadModel(url, manifest, () => {})).rejects.toMatchObject({
				code: 'web-page',
			})
		}
	})

	test('refuses what can not be unpacked', async () => {
		const { url, path, manifest } = await serveRelease()
		const rubbish = Buffer.from('no gzip at all')
		await writeFile(path, rubbish)
		const model = { ...manifest.model, bytes: rubbish.length, sha256: sha256(rubbish) }
		await expect(downloadModel(url, { ...manifest, model }, () => {})).rejects.toThrow(
			'bytes came where',
		)
	})

	test('tells a missing model from a missing network', async () => {
		const { url, manifest } = await serveRelease()
		const missing = { ...manifest, model: { ...manifest.model, file: 'other' } }
		await expect(downloadModel(url, missing, () => {})).rejects.toMatchObject({ code: 'not-found' })
		await expect(downloadModel('http://localhost:9/', manifest, () => {})).rejects.toMatchObject({
			code: 'network',
		})
	})
})
