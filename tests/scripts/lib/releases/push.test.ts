import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { restoreRelease } from '../../../../scripts/lib/executions/restore.ts'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { openRelease, readReleasedUnseen } from '../../../../scripts/lib/release-files/release.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { promote } from '../../../../scripts/lib/releases/channels.ts'
import { listReleases } from '../../../../scripts/lib/releases/list.ts'
import { pruneReleases } from '../../../../scripts/lib/releases/prune.ts'
import { pushRelease } from '../../../../scripts/lib/releases/push.ts'
import { verifyReleases } from '../../../../scripts/lib/releases/verify.ts'
import { main } from '../../../../scripts/main.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { OriginServer } from '../../../fixtures/origin-server.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'
import { type S3Server, startS3Server } from '../../../fixtures/s3-server.ts'

const VERSION = '20130702.0'
const TO = 's3://models/a team/whichsub'
const MODEL_NAME = `a team/whichsub/${VERSION}/model.bin.packed`
const FOREVER = 'public, max-age=31536000, immutable'
const PART = 5 * 1024 * 1024

/** Of two parts and a little, as seeded as it looks. */
const LARGE = Buffer.alloc(2 * PART + 1000)
for (let at = 0; at < LARGE.length; at += 4) LARGE.writeUInt32LE((at * 2654435761) >>> 0, at)

/** A release here, a bucket that everybody may read, and a page that may load from there. */
async function withBucket(model: Uint8Array = Buffer.from('weights')) {
	const bucket = await startS3Server('models')
	bucket.isPublic = true
	const effects = await testEffects({ env: bucket.env })
	await writeOne(effects, model)
	await nameOrigins(effects, [bucket.env.AWS_ENDPOINT_URL ?? ''])
	return { bucket, effects }
}

async function writeOne({ modelsDir }: TestEffects, model: Uint8Array) {
	const index = { index: Buffer.from('index'), subreddits: 1 }
	const beside = { unseen: index, tail: index }
	const release = { version: VERSION, model, labels: 3, encoding: 'identity', ...beside } as const
	await writeReleases(modelsDir, [await writeRelease(modelsDir, release)], {})
}

async function nameOrigins({ parametersFile }: TestEffects, origins: string[]): Promise<void> {
	await writeFile(parametersFile.path, `releases:\n  origins: ${JSON.stringify(origins)}\n`)
}

const push = (effects: TestEffects, options: object = {}) =>
	pushRelease({ release: VERSION, to: TO, dryRun: false, ...options }, effects)

async function entryOf({ modelsDir }: TestEffects) {
	const { schema, releases } = await readReleases(modelsDir)
	return { schema, location: releases[0]?.location }
}

function locationIn({ env }: S3Server): string {
	return `${env.AWS_ENDPOINT_URL}/models/a%20team/whichsub/${VERSION}/`
}

describe('release push', () => {
	test('puts every file into the bucket, for ever, and releases.json says where', async () => {
		const { bucket, effects } = await withBucket()
		expect(await entryOf(effects)).toEqual({ schema: 1, location: undefined })
		const { files, location } = await push(effects)
		expect(location).toBe(locationIn(bucket))
		expect(await entryOf(effects)).toEqual({ schema: 2, location })
		const names = await readdir(join(effects.modelsDir, VERSION))
		expect(files.map(({ name }) => name).sort()).toEqual(names.map((name) => `${VERSION}/${name}`))
		for (const name of names) {
			const key = `a team/whichsub/${VERSION}/${name}`
			const here = await readFile(join(effects.modelsDir, VERSION, name))
			expect(bucket.objects.get(key)?.equals(here), name).toBe(true)
			expect(bucket.headers.get(key)).toEqual({
				'cache-control': FOREVER,
				'content-type': name.endsWith('.json') ? 'application/json' : 'application/octet-stream',
				'x-amz-meta-sha256': sha256(here),
			})
		}
		expect(bucket.requests.findLast((one) => one.startsWith('PUT'))).toContain('manifest.json')
	})

	test('sends nothing again that is there, and everything again that is not the same', async () => {
		const { bucket, effects } = await withBucket()
		await push(effects)
		expect((await push(effects)).files.every(({ sent }) => sent === false)).toBe(true)
		bucket.headers.set(MODEL_NAME, {
			...bucket.headers.get(MODEL_NAME),
			'cache-control': 'no-store',
		})
		const sent = (await push(effects)).files.filter((file) => file.sent)
		expect(sent.map(({ name }) => name)).toEqual([`${VERSION}/model.bin.packed`])
		expect(bucket.headers.get(MODEL_NAME)?.['cache-control']).toBe(FOREVER)
	})

	test('changes nothing and asks nobody in a dry run', async () => {
		const { bucket, effects } = await withBucket()
		const { files } = await push(effects, { dryRun: true })
		expect(files.every(({ sent }) => sent === null)).toBe(true)
		expect(bucket.requests).toEqual([])
		expect(await entryOf(effects)).toEqual({ schema: 1, location: undefined })
	})

	test('sends a large file in parts', async () => {
		const { bucket, effects } = await withBucket(LARGE)
		const parts: number[] = []
		bucket.onPart = (number) => parts.push(number)
		await push(effects)
		expect(parts).toEqual([1, 2, 3])
		expect(bucket.objects.get(MODEL_NAME)?.equals(LARGE)).toBe(true)
		expect(bucket.headers.get(MODEL_NAME)).toMatchObject({ 'cache-control': FOREVER })
		expect(bucket.uploads.size).toBe(0)
	})

	test('goes on where a kill cut it short, and leaves no other upload behind', async () => {
		const { bucket, effects } = await withBucket(LARGE)
		const child = await startPush(effects)
		const killed = new Promise((done) => child.on('exit', (_, signal) => done(signal)))
		bucket.onPart = (number) => {
			if (number === 2) child.kill('SIGKILL')
		}
		expect(await killed).toBe('SIGKILL')
		expect(bucket.objects.has(MODEL_NAME)).toBe(false)
		expect(await entryOf(effects)).toEqual({ schema: 1, location: undefined })
		const [[id, upload] = []] = bucket.uploads
		const older = { initiated: '2013-01-01T00:00:00.000Z', headers: {}, parts: new Map() }
		bucket.uploads.set('older', { name: MODEL_NAME, ...older })
		bucket.uploads.set('of another', { name: `${MODEL_NAME}.old`, ...older })
		expect([...(upload?.parts.keys() ?? [])]).toEqual([1, 2])

		const parts: number[] = []
		bucket.onPart = (number) => parts.push(number)
		await push(effects)
		expect(parts).toEqual([3])
		expect(bucket.objects.get(MODEL_NAME)?.equals(LARGE)).toBe(true)
		expect([...bucket.uploads.keys()]).toEqual(['of another'])
		expect(id).not.toBe('of another')
	})

	test('sends a part again that the bucket has of other bytes', async () => {
		const { bucket, effects } = await withBucket(LARGE)
		bucket.uploads.set('begun', {
			name: MODEL_NAME,
			initiated: '2013-01-01T00:00:00.000Z',
			headers: {},
			parts: new Map([
				[1, Buffer.alloc(PART)],
				[2, LARGE.subarray(PART, 2 * PART)],
			]),
		})
		const parts: number[] = []
		bucket.onPart = (number) => parts.push(number)
		await push(effects)
		expect(parts).toEqual([1, 3])
		expect(bucket.objects.get(MODEL_NAME)?.equals(LARGE)).toBe(true)
	})

	test('names no bucket that pages could not read', async () => {
		const { bucket, effects } = await withBucket()
		bucket.isPublic = false
		const failure = push(effects)
		await expect(failure).rejects.toThrow(/pages could not read them at .*refused: .* \(403\)/)
		await expect(failure).rejects.not.toThrow(bucket.env.AWS_SECRET_ACCESS_KEY ?? '')
		expect(await entryOf(effects)).toEqual({ schema: 1, location: undefined })
	})

	test('names no address that has other files', async () => {
		const { effects } = await withBucket()
		const other = await OriginServer.start()
		onTestFinished(() => other.remove())
		await nameOrigins(effects, [other.origin])
		const address = `${other.origin}/`
		await expect(push(effects, { address })).rejects.toThrow(/could not read them .*not there: /)
		await other.keep(effects.modelsDir, VERSION)
		other.tamper = (bytes) => bytes.fill(0, 0, 1)
		await expect(push(effects, { address })).rejects.toThrow(/is damaged: its SHA-256/)
		other.tamper = (bytes) => bytes
		expect((await push(effects, { address })).location).toBe(`${address}${VERSION}/`)
	})

	test('puts files into a folder that a web server publishes, and must be told its address', async () => {
		const { effects } = await withBucket()
		const web = await OriginServer.start()
		onTestFinished(() => web.remove())
		await nameOrigins(effects, [web.origin])
		await expect(push(effects, { to: web.dir })).rejects.toThrow('give it with --address')
		const { location } = await push(effects, { to: web.dir, address: web.origin })
		expect(await entryOf(effects)).toEqual({ schema: 2, location })
		expect(await verifyReleases([], effects, () => {})).toBe(1)
	})

	test('refuses the models folder, whose files would be removed as copies of themselves', async () => {
		const { effects } = await withBucket()
		const { modelsDir } = effects
		const web = await OriginServer.start()
		onTestFinished(() => web.remove())
		await nameOrigins(effects, [web.origin])
		const link = join(web.dir, 'link')
		await symlink(modelsDir, link)
		await symlink(join(modelsDir, VERSION), join(web.dir, VERSION))
		const all = await hereOf(effects)
		for (const to of [modelsDir, join(modelsDir, 'not/there'), link, `file://${link}/x`, web.dir]) {
			const failure = push(effects, { to, address: web.origin, move: true })
			await expect(failure, to).rejects.toThrow('is the models folder, or lies in it')
		}
		expect(await hereOf(effects)).toEqual(all)
		const beside = `${modelsDir}-served`
		await symlink(beside, join(web.dir, 'served'))
		const address = `${web.origin}/served`
		expect((await push(effects, { to: beside, address })).files).toHaveLength(all.length)
	})

	test('refuses before any work what no page may load from', async () => {
		const { bucket, effects } = await withBucket()
		await nameOrigins(effects, ['https://models.example.org'])
		await expect(push(effects)).rejects.toThrow(
			/pages may load nothing from http:\/\/127\.0\.0\.1:\d+; name it in releases\.origins of .*whichsub\.yaml/,
		)
		for (const address of [
			'models.example.org',
			'http://models.example.org',
			'https://models.example.org/?a',
		])
			await expect(push(effects, { address }), address).rejects.toThrow(
				'--address: expected a folder',
			)
		await expect(push(effects, { to: 'ftp://me:secret@host' })).rejects.toThrow(
			'write to host; expected',
		)
		expect(bucket.requests).toEqual([])
	})

	test('takes what a channel serves, and moves it, also from one place to another', async () => {
		const { bucket, effects } = await withBucket()
		await promote({ version: VERSION, channel: 'staging', why: '', dryRun: false }, effects)
		await push(effects, { release: 'staging', move: true })
		expect(await hereOf(effects)).toEqual(['manifest.json', 'report.json'])
		await push(effects, { to: 's3://models/other', move: true })
		expect(bucket.objects.get(`other/${VERSION}/model.bin.packed`)?.toString()).toBe('weights')
		expect((await entryOf(effects)).location).toContain('/models/other/')
		expect(await verifyReleases([], effects, () => {})).toBe(1)
	})

	test('warns where the bucket lets no page read it', async () => {
		const { bucket, effects } = await withBucket()
		const origin = await OriginServer.start()
		onTestFinished(() => origin.remove())
		await origin.keep(effects.modelsDir, VERSION)
		await nameOrigins(effects, [origin.origin, bucket.env.AWS_ENDPOINT_URL ?? ''])
		await push(effects)
		expect(effects.said.err).toEqual([])
		origin.allowedOrigin = null
		await push(effects, { address: origin.origin })
		expect(effects.said.err.join()).toMatch(/warning: .* sends no Access-Control-Allow-Origin/)
	})
})

test('a push ends on request while a server does not say who may read from it', async () => {
	const stop = new AbortController()
	const effects = await testEffects({ signal: stop.signal })
	await writeOne(effects, Buffer.from('weights'))
	const web = await OriginServer.start()
	onTestFinished(() => web.remove())
	await nameOrigins(effects, [web.origin])
	web.answer = () => {
		if (!web.requests.at(-1)?.startsWith('HEAD')) return false
		stop.abort()
		return true
	}
	const pushed = push(effects, { to: web.dir, address: web.origin })
	await expect(pushed).rejects.toMatchObject({ code: 'aborted' })
	expect(await entryOf(effects)).toEqual({ schema: 1, location: undefined })
})

/** In a process that can be killed. */
async function startPush({ modelsDir, dataDir, parametersFile, env }: TestEffects) {
	const options = ['--models', modelsDir, '--data', dataDir, '--parameters', parametersFile.path]
	const args = [await compiled('scripts/cli.ts'), ...options, 'release', 'push', VERSION]
	return spawn(process.execPath, [...args, '--to', TO], {
		cwd: resolve(import.meta.dirname, '../../../..'),
		env: { ...process.env, ...env },
		stdio: 'ignore',
	})
}

/** A release of which only manifest and report are here. */
async function withReleaseElsewhere() {
	const origin = await OriginServer.start()
	onTestFinished(() => origin.remove())
	const effects = await testEffects()
	await nameOrigins(effects, [origin.origin])
	await writeOne(effects, Buffer.from('weights'))
	await pushRelease(
		{ release: VERSION, to: origin.dir, address: origin.origin, dryRun: false },
		effects,
	)
	await pruneReleases({ keep: 1, dryRun: false }, effects)
	origin.requests.length = 0
	return { origin, effects }
}

const hereOf = async ({ modelsDir }: TestEffects) =>
	(await readdir(join(modelsDir, VERSION))).sort()

describe('a release that lies elsewhere', () => {
	test('loses its files here to prune, though it is needed, once they were read there', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		expect(await hereOf(effects)).toEqual(['manifest.json', 'report.json'])
		await restoreRelease(VERSION, effects)
		await pushRelease(
			{ release: VERSION, to: origin.dir, address: origin.origin, dryRun: false },
			effects,
		)
		origin.tamper = (bytes) => bytes.subarray(1)
		const all = await hereOf(effects)
		expect(all).toHaveLength(5)
		await expect(pruneReleases({ keep: 1, dryRun: false }, effects)).rejects.toThrow('is damaged')
		expect(await hereOf(effects)).toEqual(all)
		origin.tamper = (bytes) => bytes
		const { pruned, moved } = await pruneReleases({ keep: 1, dryRun: true }, effects)
		expect([pruned, moved.map(({ version }) => version)]).toEqual([[], [VERSION]])
		expect(await hereOf(effects)).toEqual(all)
	})

	test('is read from there by commands, each file once', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		for (let time = 0; time < 2; time += 1) {
			const { manifest, model } = await openRelease(effects, VERSION)
			expect(Buffer.from(model).toString()).toBe('weights')
			for (const which of ['unseen', 'tail'] as const) {
				const bytes = await readReleasedUnseen(effects, manifest, which)
				expect(Buffer.from(bytes ?? []).toString()).toBe('index')
			}
		}
		// The index and the tail of this test are the same file.
		expect(origin.requests).toHaveLength(2)
		await origin.goDown()
		expect((await openRelease(effects, VERSION)).model).toHaveLength(7)
		await origin.comeBack()
	})

	test('is never taken from a server that tampers with it, and nothing of that is kept', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		for (const tamper of [
			(bytes: Buffer) => bytes.fill(1, 3, 4),
			(bytes: Buffer) => bytes.subarray(0, -1),
			(bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]),
			() => Buffer.alloc(0),
		]) {
			origin.tamper = tamper
			const problem = { code: 'damaged', message: expect.stringContaining(origin.origin) }
			await expect(openRelease(effects, VERSION)).rejects.toMatchObject(problem)
		}
		origin.tamper = (bytes) => bytes
		expect((await openRelease(effects, VERSION)).model).toHaveLength(7)
	})

	test('says what is wrong with where it lies', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		const failing = (status: number) => {
			origin.answer = (_, response) => Boolean(response.writeHead(status).end())
			return openRelease(effects, VERSION)
		}
		await expect(failing(403)).rejects.toThrow(/^refused: .*model\.bin\.packed \(403\)/)
		await expect(failing(404)).rejects.toThrow(/^not there: .*model\.bin\.packed \(404\)/)
		await expect(failing(500)).rejects.toThrow('answers with error 500')
		await origin.goDown()
		await expect(openRelease(effects, VERSION)).rejects.toThrow(/^no answer came: .*ECONNREFUSED/)
		await origin.comeBack()
	})

	test('is had in spite of a server that fails now and then', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		const failures = [503, 429]
		origin.answer = (_, response) => {
			const status = failures.shift()
			if (status === undefined) return false
			response.writeHead(status).end()
			return true
		}
		expect((await openRelease(effects, VERSION)).model).toHaveLength(7)
		expect(origin.requests).toHaveLength(3)
	})

	test('is verified where it lies, and by what of it is here', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		const run = async () => {
			effects.said.out.length = 0
			const code = await main(['release', 'verify', VERSION], effects)
			return {
				code,
				out: effects.said.out,
				bad: effects.said.out.filter((one) => !one.startsWith('ok')),
			}
		}
		const sound = await run()
		expect([sound.code, sound.bad]).toEqual([0, []])
		expect(sound.out.filter((line) => line.includes(origin.origin))).toHaveLength(3)
		origin.tamper = (bytes) => bytes.fill(9, 0, 1)
		const damaged = await run()
		expect(damaged.code).toBe(1)
		expect(damaged.bad).toHaveLength(3)
		origin.tamper = (bytes) => bytes
		await rm(join(origin.dir, VERSION, 'tail.packed'))
		const missing = await run()
		expect([missing.code, missing.bad.length]).toEqual([1, 1])
		expect(effects.said.err.at(-1)).toMatch(/whichsub: not there: .*tail\.packed/)
		await writeFile(join(effects.modelsDir, VERSION, 'unseen.packed'), 'a bad copy')
		expect((await run()).bad.map((line) => line.split('  ')[1])).toEqual([
			`${VERSION}/unseen.packed`,
			`${origin.origin}/${VERSION}/tail.packed`,
		])
	})

	test('is promoted only while it is whole where it lies', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		const change = { version: VERSION, channel: 'staging', why: '', dryRun: false } as const
		origin.tamper = (bytes) => bytes.fill(9, 0, 1)
		await expect(promote(change, effects)).rejects.toThrow('is damaged')
		origin.tamper = (bytes) => bytes
		expect(await promote(change, effects)).toMatchObject({ to: VERSION, changed: true })
	})

	test('comes back by restore, and releases.json is as it was before there were such releases', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		const location = `${origin.origin}/${VERSION}/`
		expect(await restoreRelease(VERSION, effects)).toMatchObject({ location, execution: null })
		expect(await entryOf(effects)).toEqual({ schema: 1, location: undefined })
		await origin.goDown()
		expect(await verifyReleases([], effects, () => {})).toBe(1)
		await origin.comeBack()
	})

	test('is listed with where it lies, and nothing of it is missing', async () => {
		const { origin, effects } = await withReleaseElsewhere()
		expect(await listReleases(effects)).toMatchObject([
			{ version: VERSION, problem: null, location: `${origin.origin}/${VERSION}/` },
		])
		expect(await main(['release', 'list'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toContain(new URL(origin.origin).host)
	})
})

test('release push and publish --to are explained, and wrong usage ends with 2', async () => {
	const effects = await testEffects()
	await mkdir(effects.modelsDir, { recursive: true })
	expect(await main(['release', 'push', '--help'], effects)).toBe(0)
	expect(effects.said.out.join()).toContain('s3://BUCKET/PREFIX')
	expect(await main(['release', 'push', VERSION], effects)).toBe(2)
	expect(await main(['release', 'publish', '--address', 'https://a.example'], effects)).toBe(2)
	expect(await main(['release', 'push', VERSION, '--to', '/tmp/x'], effects)).toBe(1)
})
