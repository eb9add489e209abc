import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { describeFile } from '../../../../scripts/lib/files.ts'
import { objectPath } from '../../../../scripts/lib/store/objects.ts'
import { openSharedPlace } from '../../../../scripts/lib/store/open-shared-place.ts'
import { openStore } from '../../../../scripts/lib/store/store.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { S3_KEYS, startS3Server } from '../../../fixtures/s3-server.ts'

async function makeFile({ dataDir }: Effects, text = 'what was made') {
	await mkdir(dataDir, { recursive: true })
	const path = join(dataDir, 'model.bin')
	await writeFile(path, text)
	return { path, file: await describeFile(path) }
}

const read = (path: string) => readFile(path, 'utf8')

describe('the store of this machine', () => {
	test('gives back what was put into it, and takes no space for it', async () => {
		const effects = await testEffects()
		const store = openStore(effects, null)
		const { path, file } = await makeFile(effects)
		expect(await store.has(file)).toBe(false)
		await store.put(path, file)
		await store.put(path, file)
		expect((await stat(objectPath(effects, file))).ino).toBe((await stat(path)).ino)
		await rm(path)
		expect(await store.take(file, join(effects.dataDir, 'new/folder/model.bin'))).toBe(true)
		expect(await read(join(effects.dataDir, 'new/folder/model.bin'))).toBe('what was made')
	})

	test('takes a file over one that is there', async () => {
		const effects = await testEffects()
		const store = openStore(effects, null)
		const { path, file } = await makeFile(effects)
		await store.put(path, file)
		await rm(path)
		await writeFile(path, 'something else')
		expect(await store.take(file, path)).toBe(true)
		expect(await read(path)).toBe('what was made')
	})

	test('gives nothing back that is damaged, and takes a whole one in its place', async () => {
		const effects = await testEffects()
		const store = openStore(effects, null)
		const { path, file } = await makeFile(effects)
		await store.put(path, file)
		await rm(path)
		await writeFile(objectPath(effects, file), 'what was mode')
		expect(await store.take(file, path)).toBe(false)
		const again = await makeFile(effects)
		await store.put(again.path, file)
		expect(await store.take(file, path)).toBe(true)
	})

	test('keeps notes under their names', async () => {
		const effects = await testEffects()
		const store = openStore(effects, null)
		expect(await store.readNote('runs/a.json')).toBeNull()
		await store.writeNote('runs/a.json', '{}')
		expect(await store.readNote('runs/a.json')).toBe('{}')
	})
})

/** What a laptop made is put into a shared store, and taken on a machine that has nothing. */
async function share(url: string, env: Effects['env']) {
	const laptop = await testEffects({ env })
	const { path, file } = await makeFile(laptop)
	const store = openStore(laptop, openSharedPlace(url, laptop))
	await store.put(path, file)
	await store.writeNote('runs/b.json', 'made by a laptop')
	const server = await testEffects({ env })
	const other = openStore(server, openSharedPlace(url, server))
	return { file, other, server, laptop, store, path }
}

test.each(['a folder', 'a bucket'])(
	'%s has a note that was written again as it is now',
	async (what) => {
		const { env } = what === 'a bucket' ? await startS3Server('models') : { env: {} }
		const url = what === 'a bucket' ? 's3://models' : await temporaryFolder()
		const { store } = await share(url, env)
		await store.writeNote('runs/b.json', 'made by a server')
		const third = await testEffects({ env })
		const note = openStore(third, openSharedPlace(url, third)).readNote('runs/b.json')
		expect(await note).toBe('made by a server')
	},
)

describe('a shared folder', () => {
	test('gives another machine what this one made', async () => {
		const folder = await temporaryFolder()
		const { file, other, server } = await share(folder, {})
		const path = join(server.dataDir, 'taken')
		expect(await other.has(file)).toBe(true)
		expect(await other.take(file, path)).toBe(true)
		expect(await read(path)).toBe('what was made')
		expect(await other.readNote('runs/b.json')).toBe('made by a laptop')
		expect(await other.readNote('runs/c.json')).toBeNull()
		expect(await other.take({ bytes: 1, sha256: '0'.repeat(64) }, path)).toBe(false)
	})

	test('that holds something else under a digest is said to be damaged', async () => {
		const folder = await temporaryFolder()
		const { file, other, server } = await share(`file://${folder}`, {})
		await rm(join(folder, 'objects', file.sha256.slice(0, 2), file.sha256))
		await writeFile(join(folder, 'objects', file.sha256.slice(0, 2), file.sha256), 'poison')
		await expect(other.take(file, join(server.dataDir, 'taken'))).rejects.toThrow(
			/objects\/.* is damaged: it is not what its name says/,
		)
	})
})

describe('a bucket', () => {
	test('gives another machine what this one made, with requests that are signed', async () => {
		const { env, objects, requests } = await startS3Server('models')
		const { file, other, server, store, path } = await share('s3://models/a team/whichsub', env)
		const taken = join(server.dataDir, 'taken')
		expect(await other.has(file)).toBe(true)
		expect(await other.take(file, taken)).toBe(true)
		expect(await read(taken)).toBe('what was made')
		expect(await other.readNote('runs/b.json')).toBe('made by a laptop')
		expect(await other.readNote('runs/c.json')).toBeNull()
		expect(objects.size).toBe(2)
		await store.put(path, file)
		expect(requests.filter((request) => request.startsWith('PUT'))).toHaveLength(2)
	})

	test.each([
		['has it', true],
		['does not have it', false],
	])(
		'may end an upload for another machine: it is kept where the bucket then %s',
		async (_, has) => {
			const bucket = await startS3Server('models')
			const effects = await testEffects({ env: bucket.env })
			const { path, file } = await makeFile(effects, 'of two parts'.repeat(500_000))
			bucket.onPart = () => {
				const [[id, upload] = []] = bucket.uploads
				if (!id || !upload) return
				bucket.uploads.delete(id)
				if (!has) return
				bucket.objects.set(upload.name, readFileSync(path))
				bucket.headers.set(upload.name, upload.headers)
			}
			const put = openStore(effects, openSharedPlace('s3://models', effects)).put(path, file)
			if (has) await put
			else await expect(put).rejects.toThrow('NoSuchUpload')
			expect(bucket.objects.size).toBe(has ? 1 : 0)
		},
	)

	test('is asked again while it is busy', async () => {
		const { env, failures } = await startS3Server('models')
		failures.push(503, 500)
		const { file, other } = await share('s3://models', env)
		expect(await other.has(file)).toBe(true)
	})

	test('that refuses the keys is said so, without a secret', async () => {
		const { env } = await startS3Server('models')
		const wrong = { ...env, AWS_SECRET_ACCESS_KEY: 'of-another' }
		const failure = share('s3://models', wrong)
		await expect(failure).rejects.toThrow(/store refused the keys: s3:\/\/models \(403\)/)
		await expect(failure).rejects.not.toThrow(/of-another/)
	})

	test('that is not there is a clear error', async () => {
		const { env } = await startS3Server('models')
		await expect(share('s3://others', env)).rejects.toThrow('store is not there: s3://others')
	})

	test('of a server that does not answer is a clear error', async () => {
		const env = { ...S3_KEYS, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }
		await expect(share('s3://models', env)).rejects.toThrow(
			'store did not answer: s3://models at 127.0.0.1:9',
		)
	})

	test('needs keys, a bucket and a URL', async () => {
		const open =
			(url: string, env: Effects['env'] = S3_KEYS) =>
			() =>
				openSharedPlace(url, { env })
		expect(open('s3://models', {})).toThrow('no keys for the store')
		expect(open('s3:///prefix')).toThrow('store names no bucket')
		for (const url of ['s3://a b/c', 's3://SECRET@a b/c'])
			expect(open(url)).toThrow('store has no valid URL: s3://a b/c; expected s3://bucket/prefix')
		for (const user of ['KEY:SECRET', 'SECRET', ':SECRET']) {
			const refused = open(`s3://${user}@models/team`, S3_KEYS)
			expect(refused).toThrow("the store's URL carries a user: s3://models/team; put the keys into")
			expect(refused).not.toThrow('SECRET@')
		}
		expect(open('ftp://me:secret@host/a')).toThrow("can't write to host/a")
		expect(open('file://host/a')).toThrow("no folder's URL: file://host/a")
		expect(() => openSharedPlace('file://host/a', { env: S3_KEYS })).toThrow("no folder's URL")
		expect(open('s3://models', { ...S3_KEYS, AWS_ENDPOINT_URL: 'host' })).toThrow(
			'AWS_ENDPOINT_URL is no URL: host',
		)
	})
})
