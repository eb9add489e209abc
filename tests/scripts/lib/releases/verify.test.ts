import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openRelease } from '../../../../scripts/lib/release-files/release.ts'
import { findRelease, readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { checkRelease } from '../../../../scripts/lib/releases/verify.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'
import { type ReleaseOptions, writeRelease, writeReleases } from '../../../fixtures/release.ts'

const VERSION = '20130702.0'
const MODEL = 'model.ftz.gzip'
const FILES = ['manifest.json', MODEL, 'report.json']

async function withRelease(options: Partial<ReleaseOptions> = {}): Promise<string> {
	const dir = await temporaryFolder()
	const model = Buffer.from('weights')
	const listed = await writeRelease(dir, {
		version: VERSION,
		model,
		labels: 3,
		file: MODEL,
		...options,
	})
	await writeReleases(dir, [listed], {})
	return dir
}

function placeOf(modelsDir: string) {
	return { modelsDir, dataDir: join(modelsDir, '.data') }
}

async function check(dir: string) {
	return checkRelease(placeOf(dir), findRelease(await readReleases(dir), VERSION))
}

describe('checkRelease', () => {
	it('finds nothing wrong with a sound release', async () => {
		const checks = await check(await withRelease())
		expect(checks.map(({ file }) => file)).toEqual(FILES.map((file) => `${VERSION}/${file}`))
		expect(checks.every(({ problem }) => problem === null)).toBe(true)
	})

	it('notices any single changed byte of any file, and names the file', async () => {
		const dir = await withRelease()
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...FILES),
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				async (file, where, flip) => {
					const path = join(dir, VERSION, file)
					const sound = await readFile(path)
					const place = where % sound.length
					const damaged = Buffer.from(sound)
					damaged[place] = (damaged[place] ?? 0) ^ flip
					await writeFile(path, damaged)
					const problems = (await check(dir)).filter(({ problem }) => problem !== null)
					expect(problems.map((problem) => problem.file)).toEqual([`${VERSION}/${file}`])
					await writeFile(path, sound)
				},
			),
			{ numRuns: 60 },
		)
	})

	it('notices a file that is cut off or gone', async () => {
		const dir = await withRelease()
		const model = join(dir, VERSION, MODEL)
		await writeFile(model, (await readFile(model)).subarray(0, 10))
		await rm(join(dir, VERSION, 'report.json'))
		const problems = (await check(dir)).map(({ problem }) => problem)
		expect(problems[0]).toBeNull()
		expect(problems[1]).toContain('10 bytes, expected')
		expect(problems[2]).toContain('not found')
	})
})

describe('openRelease', () => {
	it('gives the manifest and the decoded model', async () => {
		const dir = await withRelease()
		const { manifest, model } = await openRelease(placeOf(dir), VERSION)
		expect(manifest.version).toBe(VERSION)
		expect(Buffer.from(model).toString()).toBe('weights')
	})

	it('never gives a model that its digest does not match', async () => {
		const dir = await withRelease()
		await writeFile(join(dir, VERSION, MODEL), gzipSync('other weights'))
		await expect(openRelease(placeOf(dir), VERSION)).rejects.toMatchObject({ code: 'damaged' })
	})

	it('refuses a model that reads titles in another form', async () => {
		const dir = await withRelease({ normalizer: 999 })
		await expect(openRelease(placeOf(dir), VERSION)).rejects.toMatchObject({ code: 'unsupported' })
	})
})
