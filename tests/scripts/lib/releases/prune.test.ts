import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { restoreRelease } from '../../../../scripts/lib/executions/restore.ts'
import { openRelease } from '../../../../scripts/lib/release-files/release.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { promote, rollback } from '../../../../scripts/lib/releases/channels.ts'
import { listReleases } from '../../../../scripts/lib/releases/list.ts'
import { pruneReleases } from '../../../../scripts/lib/releases/prune.ts'
import { verifyReleases } from '../../../../scripts/lib/releases/verify.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { passGate } from '../../../fixtures/gate.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'

const VERSIONS = ['20130702.0', '20130702.1', '20130703.0', '20130703.1', '20130704.0']

/** Production served the first four one after the other; the last one is published and waits. */
async function withReleases(): Promise<TestEffects> {
	const effects = await testEffects({ now: () => new Date('2013-07-05T12:00:00Z') })
	const { modelsDir } = effects
	const index = { index: Buffer.from('index'), subreddits: 1 }
	const listed = VERSIONS.map((version) =>
		writeRelease(modelsDir, {
			version,
			model: Buffer.from(version),
			labels: 3,
			unseen: index,
			tail: index,
		}),
	)
	await writeReleases(modelsDir, await Promise.all(listed), {})
	for (const version of VERSIONS)
		for (const over of VERSIONS) await passGate(effects, version, { over })
	for (const version of VERSIONS.slice(0, 4))
		await promote({ version, channel: 'production', why: '', dryRun: false }, effects)
	await promote({ version: '20130702.1', channel: 'staging', why: '', dryRun: false }, effects)
	return effects
}

const prune = (effects: TestEffects, keep = 1) => pruneReleases({ keep, dryRun: false }, effects)

async function filesOf({ modelsDir }: TestEffects, version: string): Promise<string[]> {
	return (await readdir(join(modelsDir, version))).sort()
}

const WHOLE = ['manifest.json', 'model.bin.packed', 'report.json', 'tail.packed', 'unseen.packed']

describe('release prune', () => {
	it('keeps what channels serve, what a rollback needs and what waits for its promotion', async () => {
		const effects = await withReleases()
		const { pruned, kept } = await prune(effects)
		expect(pruned.map(({ version }) => version)).toEqual(['20130702.0'])
		expect(pruned[0]?.bytes).toBeGreaterThan(0)
		expect(kept).toEqual([
			{ version: '20130702.1', why: 'staging serves it' },
			{ version: '20130703.0', why: 'a rollback of production needs it' },
			{ version: '20130703.1', why: 'production serves it' },
			{ version: '20130704.0', why: 'newer than production' },
		])
		expect(await filesOf(effects, '20130702.0')).toEqual(['manifest.json', 'report.json'])
		expect(await filesOf(effects, '20130703.0')).toEqual(WHOLE)
	})

	it('leaves as many rollbacks possible as are asked for', async () => {
		const effects = await withReleases()
		expect((await prune(effects, 3)).pruned).toEqual([])
		const { pruned } = await prune(effects, 0)
		expect(pruned.map(({ version }) => version)).toEqual(['20130702.0', '20130703.0'])
	})

	it('lets rollbacks within them go on, and says of those beyond what brings the model back', async () => {
		const effects = await withReleases()
		await prune(effects)
		const back = () => rollback({ channel: 'production', why: '', dryRun: false }, effects)
		expect((await back()).to).toBe('20130703.0')
		expect((await back()).to).toBe('20130702.1')
		await expect(back()).rejects.toThrow('release restore 20130702.0')
		const again = { version: '20130702.0', channel: 'canary', why: '', dryRun: false } as const
		await expect(promote(again, effects)).rejects.toThrow('was pruned on 2013-07-05')
		await expect(openRelease(effects, '20130702.0')).rejects.toThrow('was pruned')
	})

	it('lists and verifies a pruned release by what is kept of it', async () => {
		const effects = await withReleases()
		await prune(effects)
		const listed = (await listReleases(effects)).find(({ version }) => version === '20130702.0')
		expect(listed).toMatchObject({ problem: null, pruned: '2013-07-05T12:00:00.000Z' })
		const files: string[] = []
		await verifyReleases(['20130702.0'], effects, ({ file }) => files.push(file))
		expect(files).toEqual(['20130702.0/manifest.json', '20130702.0/report.json'])
		await rm(join(effects.modelsDir, '20130702.0', 'report.json'))
		await expect(verifyReleases([], effects, () => {})).rejects.toThrow('report')
	})

	it('changes nothing in a dry run', async () => {
		const effects = await withReleases()
		const path = join(effects.modelsDir, 'releases.json')
		const before = await readFile(path, 'utf8')
		const { pruned } = await pruneReleases({ keep: 1, dryRun: true }, effects)
		expect(pruned).toHaveLength(1)
		expect(await readFile(path, 'utf8')).toBe(before)
		expect(await filesOf(effects, '20130702.0')).toEqual(WHOLE)
	})

	it('removes what a prune left that was killed after it had written releases.json', async () => {
		const effects = await withReleases()
		const copy = join(await mkdtemp(join(tmpdir(), 'whichsub-copy-')), 'release')
		await cp(join(effects.modelsDir, '20130702.0'), copy, { recursive: true })
		await prune(effects)
		await cp(copy, join(effects.modelsDir, '20130702.0'), { recursive: true })
		expect((await prune(effects)).pruned).toEqual([])
		expect(await filesOf(effects, '20130702.0')).toEqual(['manifest.json', 'report.json'])
	})

	it('takes a release back whose files were put into its folder again, and refuses other bytes', async () => {
		const effects = await withReleases()
		const { modelsDir } = effects
		const copy = join(await mkdtemp(join(tmpdir(), 'whichsub-copy-')), 'release')
		await cp(join(modelsDir, '20130702.0'), copy, { recursive: true })
		await prune(effects)
		await cp(join(copy, 'unseen.packed'), join(modelsDir, '20130702.0', 'unseen.packed'))
		await expect(restoreRelease('20130702.0', effects)).rejects.toThrow('no record says how')
		await cp(copy, join(modelsDir, '20130702.0'), { recursive: true })
		expect(await restoreRelease('20130702.0', effects)).toEqual({
			version: '20130702.0',
			execution: null,
			location: null,
		})
		expect((await readReleases(modelsDir)).releases[0]).not.toHaveProperty('pruned')
		const again = { version: '20130702.0', channel: 'canary', why: '', dryRun: false } as const
		expect((await promote(again, effects)).to).toBe('20130702.0')
	})

	it('refuses to restore a release that is whole', async () => {
		const effects = await withReleases()
		await expect(restoreRelease('20130702.0', effects)).rejects.toThrow('was not pruned')
	})
})
