import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../scripts/lib/files.ts'
import { RERANKER_FEATURES } from '../../src/model/reranker.ts'
import type { Releases } from '../../src/shared/releases.ts'
import type { Reranker } from '../../src/shared/reranker.ts'
import { chooseTarget, fetchManifest, releaseFolder } from '../../src/worker/releases-source.ts'
import { temporaryFolder } from '../fixtures/effects.ts'
import { writeRelease } from '../fixtures/release.ts'
import { makeReranker } from '../fixtures/reranker.ts'

const RELEASES: Releases = {
	schema: 1,
	channels: {
		production: '20130601.0',
		staging: null,
		canary: { version: '20130701.0', share: 0.1 },
	},
	releases: [],
	history: [],
}

describe('chooseTarget', () => {
	test('gives the canary to its share of tickets, production to the others', () => {
		const tickets = Array.from({ length: 1000 }, (_, index) => index / 1000)
		const channels = tickets.map((ticket) => chooseTarget(RELEASES, null, ticket).channel)
		expect(channels.filter((channel) => channel === 'canary')).toHaveLength(100)
	})

	test('follows a preview whatever the ticket', () => {
		expect(chooseTarget(RELEASES, 'production', 0)).toEqual({
			version: '20130601.0',
			channel: 'production',
		})
		expect(chooseTarget(RELEASES, 'canary', 0.99).version).toBe('20130701.0')
	})

	test('says which channel has no release', () => {
		expect(() => chooseTarget(RELEASES, 'staging', 0.5)).toThrow(
			'no release on the staging channel yet',
		)
	})
})

const VERSION = '20130601.0'

/** A server that sends this manifest, and the list that vouches for it. */
async function serveManifest(text: string) {
	const server = createServer((_, response) => response.end(text))
	onTestFinished(() => void server.close())
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
	const address = server.address()
	const port = address && typeof address === 'object' ? address.port : 0
	const manifest = { bytes: Buffer.byteLength(text), sha256: sha256(text) }
	const releases = { ...RELEASES, releases: [{ version: VERSION, manifest }] }
	return fetchManifest(`http://127.0.0.1:${port}/`, releases, VERSION)
}

describe('fetchManifest', () => {
	test('reads the manifest that publish writes today, and that of the first release', async () => {
		const dir = await temporaryFolder()
		await writeRelease(dir, { version: VERSION, model: new Uint8Array(10), labels: 3 })
		const today = await readFile(resolve(dir, VERSION, 'manifest.json'), 'utf8')
		expect(JSON.parse(today).schema).toBe(2)
		const first = await readFile('public/models/20261123.0/manifest.json', 'utf8')
		expect(JSON.parse(first).schema).toBe(1)
		for (const text of [today, first])
			expect(await serveManifest(text)).toMatchObject({ schema: 2 })
	})

	test('says that a manifest of a newer schema needs a newer page', async () => {
		await expect(serveManifest('{"schema": 3}')).rejects.toMatchObject({
			code: 'unsupported',
			message: 'manifest.json has the newer schema 3',
		})
	})

	test('says that a reranker of other features needs a newer page, before the model is downloaded', async () => {
		const dir = await temporaryFolder()
		await writeRelease(dir, { version: VERSION, model: new Uint8Array(10), labels: 3 })
		const manifest = JSON.parse(await readFile(resolve(dir, VERSION, 'manifest.json'), 'utf8'))
		const reranker = makeReranker(1)
		const serve = (change: Partial<Reranker>) =>
			serveManifest(JSON.stringify({ ...manifest, reranker: { ...reranker, ...change } }))
		expect(await serve({})).toMatchObject({ reranker })
		const count = RERANKER_FEATURES.length
		const wider = reranker.hidden.map((row) => [...row, 0])
		for (const [change, what] of [
			[{ hidden: wider }, `${count + 1} features; this page knows ${count}`],
			[{ version: 2 }, 'version 2; this page knows 1'],
		] as const)
			await expect(serve(change)).rejects.toMatchObject({
				code: 'unsupported',
				message: `release ${VERSION} has a reranker of ${what}`,
			})
	})
})

describe('releaseFolder', () => {
	const manifest = { bytes: 1, sha256: sha256('') }
	const folderOf = (location?: string) => {
		const entry = { version: VERSION, manifest, ...(location ? { location } : {}) }
		return releaseFolder('https://page.example/models/', { releases: [entry] }, VERSION).href
	}

	test('is beside the page, or where releases.json says', () => {
		expect(folderOf()).toBe(`https://page.example/models/${VERSION}/`)
		const there = `https://models.example.org/a/${VERSION}/`
		expect(folderOf(there)).toBe(there)
	})

	test('is never at an origin that the page was not built for', () => {
		for (const origin of [
			'https://elsewhere.example',
			'https://models.example.org:8443',
			'https://models.example.org.elsewhere.example',
			'https://a.models.example.org',
		])
			expect(() => folderOf(`${origin}/${VERSION}/`), origin).toThrow(
				`release ${VERSION} lies at ${origin}, and this page was built to load nothing from there`,
			)
	})
})
