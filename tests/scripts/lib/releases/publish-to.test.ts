// `release publish --to` as a whole: from a candidate into a bucket, and from there to commands and pages.
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { startServer } from '../../../../scripts/lib/server.ts'
import { main } from '../../../../scripts/main.ts'
import type { Manifest } from '../../../../src/shared/manifest.ts'
import { fetchManifest, fetchReleases } from '../../../../src/worker/releases-source.ts'
import { makeCandidate } from '../../../fixtures/candidate.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { startS3Server } from '../../../fixtures/s3-server.ts'

const VERSION = '20130705.0'
const TO = 's3://models/whichsub'

/** A candidate, and a bucket that everybody may read. */
async function withCandidate() {
	const bucket = await startS3Server('models')
	bucket.isPublic = true
	const effects = await testEffects({
		env: bucket.env,
		now: () => new Date('2013-07-05T12:00:00Z'),
	})
	await makeCandidate(effects)
	const origin = bucket.env.AWS_ENDPOINT_URL ?? ''
	const allow = () =>
		writeFile(effects.parametersFile.path, `releases:\n  origins: ["${origin}"]\n`)
	const command = async (...args: string[]) => {
		const from = effects.said.out.length
		const code = await main(args, effects)
		return { code, out: effects.said.out.slice(from).join('\n') }
	}
	return { bucket, effects, origin, allow, command }
}

/** What is left here once others serve the rest. */
async function removeServed({ modelsDir }: { readonly modelsDir: string }): Promise<void> {
	for (const name of await readdir(join(modelsDir, VERSION)))
		if (!name.endsWith('.json')) await rm(join(modelsDir, VERSION, name))
}

test('a candidate goes into the bucket, and everybody reads it from there', async () => {
	const { bucket, effects, origin, allow, command } = await withCandidate()
	await allow()
	const published = await command('release', 'publish', '--to', TO, '--json')
	expect([published.code, effects.said.err.filter((line) => line.startsWith('whichsub:'))]).toEqual(
		[0, []],
	)
	const manifest = JSON.parse(published.out) as Manifest
	expect(manifest.version).toBe(VERSION)
	const location = `${origin}/models/whichsub/${VERSION}/`
	expect((await readReleases(effects.modelsDir)).releases).toMatchObject([
		{ version: VERSION, location },
	])
	await removeServed(effects)

	bucket.requests.length = 0
	expect((await command('release', 'verify')).code).toBe(0)
	expect(bucket.requests).toContain(`GET /models/whichsub/${VERSION}/${manifest.model.file}`)
	expect((await command('release', 'promote', VERSION, '--channel', 'staging')).code).toBe(0)
	const asked = await command('predict', '--release', 'staging', '--json', 'my kitten is purring')
	expect(JSON.parse(asked.out)).toMatchObject({ known: true })
	expect(JSON.parse(asked.out).suggestions[0].subreddit).toBe('cats')

	const distDir = await temporaryFolder()
	await writeFile(join(distDir, 'index.html'), '<title>whichsub</title>')
	const page = await startServer({ distDir, modelsDir: effects.modelsDir, port: 0 })
	onTestFinished(() => page.close())
	const modelsUrl = `${page.url}models/`
	const releases = await fetchReleases(modelsUrl)
	const { model } = await fetchManifest(modelsUrl, releases, VERSION)
	const response = await fetch(new URL(model.file, releases.releases[0]?.location))
	expect(response.headers.get('access-control-allow-origin')).toBe('*')
	expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(model.sha256)
})

test('what lies there damaged is found by verify, and answers nobody', async () => {
	const { bucket, effects, allow, command } = await withCandidate()
	await allow()
	expect((await command('release', 'publish', '--to', TO)).code).toBe(0)
	await removeServed(effects)
	for (const [name, bytes] of bucket.objects)
		if (!name.endsWith('.json')) bucket.objects.set(name, Buffer.from(bytes).fill(1, 0, 1))
	expect((await command('release', 'verify')).code).toBe(1)
	expect((await command('predict', '--release', VERSION, 'my kitten')).code).toBe(1)
	expect(effects.said.err.join('\n')).toContain('is damaged')
})

test('nothing is published where pages may not load it, and a failed upload is made up for by push', async () => {
	const { bucket, effects, origin, allow, command } = await withCandidate()
	const steps = (await listExecutions(effects)).length
	expect((await command('release', 'publish', '--to', TO)).code).toBe(1)
	expect(effects.said.err.at(-1)).toContain('pages may load nothing from')
	expect(await listExecutions(effects)).toHaveLength(steps)
	expect(bucket.requests).toEqual([])

	await allow()
	bucket.failures.push(403)
	expect((await command('release', 'publish', '--to', TO)).code).toBe(1)
	const [before] = (await readReleases(effects.modelsDir)).releases
	expect([before?.version, before?.location]).toEqual([VERSION, undefined])
	expect((await command('release', 'verify')).code).toBe(0)
	expect((await command('release', 'push', VERSION, '--to', TO)).code).toBe(0)
	const [after] = (await readReleases(effects.modelsDir)).releases
	expect(after?.location).toBe(`${origin}/models/whichsub/${VERSION}/`)
})
