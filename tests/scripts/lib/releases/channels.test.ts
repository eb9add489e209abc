import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { promote, rollback } from '../../../../scripts/lib/releases/channels.ts'
import type { ChannelName } from '../../../../src/shared/releases.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { passGate } from '../../../fixtures/gate.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'

const VERSIONS = ['20130702.0', '20130702.1', '20130703.0']

async function withReleases(): Promise<TestEffects> {
	const effects = await testEffects({ now: () => new Date('2013-07-05T12:00:00Z') })
	const { modelsDir } = effects
	const release = (version: string) => ({ version, model: Buffer.from(version), labels: 3 })
	const listed = VERSIONS.map((version) => writeRelease(modelsDir, release(version)))
	await writeReleases(modelsDir, await Promise.all(listed), {})
	for (const version of VERSIONS)
		for (const over of VERSIONS) await passGate(effects, version, { over })
	return effects
}

function promoteTo(effects: TestEffects, version: string, channel: ChannelName = 'production') {
	return promote({ version, channel, why: 'test', dryRun: false }, effects)
}

function rollBack(effects: TestEffects, channel: ChannelName = 'production') {
	return rollback({ channel, why: 'test', dryRun: false }, effects)
}

async function served(effects: TestEffects) {
	return (await readReleases(effects.modelsDir)).channels
}

describe('promote', () => {
	it('lets the channel serve the release and tells the history why', async () => {
		const effects = await withReleases()
		const change = await promoteTo(effects, '20130702.0')
		expect(change).toEqual({
			channel: 'production',
			from: null,
			to: '20130702.0',
			changed: true,
		})
		const releases = await readReleases(effects.modelsDir)
		expect(releases.channels).toEqual({ production: '20130702.0', staging: null, canary: null })
		expect(releases.history).toEqual([
			{
				at: '2013-07-05T12:00:00.000Z',
				channel: 'production',
				from: null,
				to: '20130702.0',
				action: 'promote',
				why: 'test',
			},
		])
	})

	it('gives the canary a tenth of the visitors, or the share that is asked for', async () => {
		const effects = await withReleases()
		await promoteTo(effects, '20130702.1', 'canary')
		expect((await served(effects)).canary).toEqual({ version: '20130702.1', share: 0.1 })
		const wider = { version: '20130702.1', channel: 'canary', share: 0.5 } as const
		await promote({ ...wider, why: '', dryRun: false }, effects)
		expect((await served(effects)).canary).toEqual({ version: '20130702.1', share: 0.5 })
	})

	it('changes nothing where the channel serves the release already', async () => {
		const effects = await withReleases()
		await promoteTo(effects, '20130702.0')
		expect(await promoteTo(effects, '20130702.0')).toMatchObject({ changed: false })
		expect((await readReleases(effects.modelsDir)).history).toHaveLength(1)
	})

	it('says what would change in a dry run, and leaves the file as it is', async () => {
		const effects = await withReleases()
		const path = join(effects.modelsDir, 'releases.json')
		const before = await readFile(path, 'utf8')
		const options = { version: '20130702.0', channel: 'production', why: '', dryRun: true } as const
		expect(await promote(options, effects)).toMatchObject({ to: '20130702.0', changed: true })
		expect(await readFile(path, 'utf8')).toBe(before)
	})

	it('refuses a damaged release and keeps the channel as it is', async () => {
		const effects = await withReleases()
		await promoteTo(effects, '20130702.0')
		await writeFile(join(effects.modelsDir, '20130702.1/report.json'), '{}')
		await expect(promoteTo(effects, '20130702.1')).rejects.toMatchObject({
			code: 'damaged',
			message: expect.stringContaining('20130702.1/report.json'),
		})
		expect((await served(effects)).production).toBe('20130702.0')
	})

	it('refuses a release whose normaliser the page does not know', async () => {
		const effects = await withReleases()
		const { modelsDir } = effects
		const release = { version: '20130704.0', model: Buffer.from('x'), labels: 3, normalizer: 999 }
		await writeReleases(modelsDir, [await writeRelease(modelsDir, release)], {})
		await expect(promoteTo(effects, '20130704.0')).rejects.toMatchObject({ code: 'unsupported' })
		expect((await served(effects)).production).toBeNull()
	})

	it('names the releases that there are where it knows no such one', async () => {
		const effects = await withReleases()
		await expect(promoteTo(effects, '20200101.0')).rejects.toMatchObject({
			code: 'not-found',
			message: `no release 20200101.0; there are: ${VERSIONS.join(', ')}`,
		})
	})

	it('loses none of many changes that are made at once', async () => {
		const effects = await withReleases()
		const channels = ['production', 'staging', 'canary'] as const
		await Promise.all(
			channels.flatMap((channel) =>
				VERSIONS.map((version) => promoteTo(effects, version, channel)),
			),
		)
		const { history } = await readReleases(effects.modelsDir)
		expect(history).toHaveLength(9)
		for (const channel of channels) {
			const changes = history.filter((entry) => entry.channel === channel)
			expect(changes.slice(1).map(({ from }) => from)).toEqual(
				changes.slice(0, -1).map(({ to }) => to),
			)
		}
	})
})

describe('rollback', () => {
	it('goes one release further back each time, not to and fro', async () => {
		const effects = await withReleases()
		for (const version of VERSIONS) await promoteTo(effects, version)
		await rollBack(effects)
		expect((await served(effects)).production).toBe('20130702.1')
		await rollBack(effects)
		expect((await served(effects)).production).toBe('20130702.0')
		await expect(rollBack(effects)).rejects.toMatchObject({
			code: 'not-found',
			message: expect.stringContaining('nothing to roll back to'),
		})
	})

	it('takes back a promotion of an older release, too', async () => {
		const effects = await withReleases()
		for (const version of ['20130702.0', '20130702.1', '20130702.0'])
			await promoteTo(effects, version)
		await rollBack(effects)
		expect((await served(effects)).production).toBe('20130702.1')
	})

	it('lets a canary go, but never leaves production without a release', async () => {
		const effects = await withReleases()
		await promoteTo(effects, '20130702.0')
		await promoteTo(effects, '20130702.1', 'canary')
		await rollBack(effects, 'canary')
		expect(await served(effects)).toEqual({
			production: '20130702.0',
			staging: null,
			canary: null,
		})
		await expect(rollBack(effects)).rejects.toMatchObject({ code: 'not-found' })
	})

	it('gives an earlier canary its share back', async () => {
		const effects = await withReleases()
		const first = { version: '20130702.0', channel: 'canary', share: 0.25 } as const
		await promote({ ...first, why: '', dryRun: false }, effects)
		await promoteTo(effects, '20130702.1', 'canary')
		await rollBack(effects, 'canary')
		expect((await served(effects)).canary).toEqual({ version: '20130702.0', share: 0.25 })
	})

	it('refuses to go back to a damaged release', async () => {
		const effects = await withReleases()
		await promoteTo(effects, '20130702.0')
		await promoteTo(effects, '20130702.1')
		await writeFile(join(effects.modelsDir, '20130702.0/model.bin.packed'), 'gone')
		await expect(rollBack(effects)).rejects.toMatchObject({ code: 'damaged' })
		expect((await served(effects)).production).toBe('20130702.1')
	})

	it('undoes promotions in reverse, whatever was promoted and rolled back before', async () => {
		const step = fc.oneof(fc.constantFrom(...VERSIONS), fc.constant('back'))
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
				const effects = await withReleases()
				const pile: string[] = []
				for (const version of steps) {
					if (version === 'back') {
						if (pile.length < 2) await expect(rollBack(effects)).rejects.toThrow('roll back')
						else {
							await rollBack(effects)
							pile.pop()
						}
					} else {
						await promoteTo(effects, version)
						if (pile.at(-1) !== version) pile.push(version)
					}
					expect((await served(effects)).production).toBe(pile.at(-1) ?? null)
				}
			}),
			{ numRuns: 25 },
		)
	})
})
