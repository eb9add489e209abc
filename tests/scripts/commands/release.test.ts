import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReleases } from '../../../scripts/lib/release-files/releases-json.ts'
import { main } from '../../../scripts/main.ts'
import { makeCandidate } from '../../fixtures/candidate.ts'
import { type TestEffects, testEffects } from '../../fixtures/effects.ts'
import { passGate } from '../../fixtures/gate.ts'
import { writeRelease, writeReleases } from '../../fixtures/release.ts'

const OLD = '20130702.0'
const NEW = '20130703.0'
const MODEL = 'model.bin.packed'

async function withReleases(): Promise<TestEffects> {
	const effects = await testEffects()
	const { modelsDir } = effects
	const make = (version: string) =>
		writeRelease(modelsDir, { version, model: Buffer.from(version), labels: 8 })
	await writeReleases(modelsDir, [await make(OLD), await make(NEW)], { production: OLD })
	return effects
}

function release(effects: TestEffects, ...args: readonly string[]): Promise<number> {
	effects.said.out.length = 0
	effects.said.err.length = 0
	return main(['release', ...args], effects)
}

async function production({ modelsDir }: TestEffects): Promise<string | null> {
	return (await readReleases(modelsDir)).channels.production
}

describe('whichsub release', () => {
	it('publishes, promotes and rolls back', async () => {
		const effects = await testEffects({ now: () => new Date('2013-07-05T12:00:00Z') })
		await makeCandidate(effects)
		expect(await release(effects, 'publish', '--why', 'first')).toBe(0)
		expect(effects.said.out.join('\n')).toContain('published 20130705.0')
		expect(await release(effects, 'publish', '--dry-run')).toBe(0)
		expect(effects.said.out.join('\n')).toContain('would publish 20130705.1')
		expect(await release(effects, 'publish')).toBe(0)
		await passGate(effects, '20130705.1', { over: '20130705.0' })
		for (const version of ['20130705.0', '20130705.1'])
			expect(await release(effects, 'promote', version, '--why', 'better')).toBe(0)
		expect(effects.said.out).toEqual(['production serves 20130705.1 (before: 20130705.0)'])
		expect(await release(effects, 'rollback', '--why', 'worse')).toBe(0)
		expect(await production(effects)).toBe('20130705.0')
		expect(await release(effects, 'rollback')).toBe(1)
	})

	it('asks for a passed gate before production serves another release', async () => {
		const effects = await withReleases()
		expect(await release(effects, 'promote', NEW)).toBe(1)
		expect(effects.said.err.at(-1)).toBe(
			`whichsub: the gate was not asked about release ${NEW} over ${OLD}, which production serves; run: compare production ${NEW} --gate, or promote it with --force --why TEXT`,
		)
		await passGate(effects, NEW, { passed: false })
		expect(await release(effects, 'promote', NEW, '--dry-run')).toBe(1)
		expect(effects.said.err.at(-1)).toContain(`refused release ${NEW}`)
		expect(effects.said.err.at(-1)).toContain('recall@5 is lower')
		expect(await production(effects)).toBe(OLD)
		expect(await release(effects, 'promote', NEW, '--channel', 'staging')).toBe(0)
		const forced = ['promote', NEW, '--force', '--why', 'the old one names a person']
		expect(await release(effects, ...forced)).toBe(0)
		expect(effects.said.out.at(-1)).toBe(
			`production serves ${NEW} (before: ${OLD}), forced: it has not passed the gate`,
		)
		const { history } = await readReleases(effects.modelsDir)
		expect(history.at(-1)).toMatchObject({ forced: true, why: 'the old one names a person' })
	})

	it('takes a passed gate for these files and this production only', async () => {
		const effects = await withReleases()
		await passGate(effects, NEW)
		const path = join(effects.modelsDir, 'gates', `${NEW}-over-${OLD}.json`)
		const record = JSON.parse(await readFile(path, 'utf8'))
		for (const other of [
			{ ...record, release: { ...record.release, manifest: '0'.repeat(64) } },
			{ ...record, release: record.against },
			{ ...record, against: record.release },
		]) {
			await writeFile(path, JSON.stringify(other))
			expect(await release(effects, 'promote', NEW)).toBe(1)
			expect(effects.said.err.at(-1)).toContain('was asked about other files')
		}
		await writeFile(path, '{}')
		expect(await release(effects, 'promote', NEW)).toBe(1)
		await writeFile(path, JSON.stringify(record))
		expect(await release(effects, 'promote', NEW, '--force', '--why', 'needless')).toBe(0)
		const { history } = await readReleases(effects.modelsDir)
		expect(history.at(-1)).not.toHaveProperty('forced')
	})

	it('lists the releases, newest first, with their channels', async () => {
		const effects = await withReleases()
		await release(effects, 'promote', NEW, '--channel', 'canary', '--share', '0.25')
		expect(await release(effects, 'list')).toBe(0)
		const [head, newest, oldest] = effects.said.out.join('\n').split('\n')
		expect(head).toMatch(/^version +posts +labels +recall@5 +size +created +channels$/)
		expect(newest).toMatch(/^20130703\.0 .* 0\.5700 .* canary 25%$/)
		expect(oldest).toMatch(/^20130702\.0 .* production$/)
		expect(await release(effects, 'list', '--json')).toBe(0)
		const listed = JSON.parse(effects.said.out.join('')) as object[]
		expect(listed).toHaveLength(2)
		expect(listed[1]).toMatchObject({ version: OLD, channels: ['production'] })
	})

	it.each<[string, string, (dir: string) => Promise<void>]>([
		['missing', 'folder is missing', (dir) => rm(dir, { recursive: true })],
		['missing', 'model is missing', (dir) => rm(join(dir, MODEL))],
		['missing', 'report is missing', (dir) => rm(join(dir, 'report.json'))],
		['damaged (size)', 'model is cut off', (dir) => truncate(join(dir, MODEL), 5)],
		['damaged', 'manifest is another one', (dir) => writeFile(join(dir, 'manifest.json'), '{}')],
	])('lists as %s a release whose %s', async (problem, _, harm) => {
		const effects = await withReleases()
		await harm(join(effects.modelsDir, NEW))
		expect(await release(effects, 'list')).toBe(0)
		const [, newest, oldest] = effects.said.out.join('\n').split('\n')
		expect(newest).toMatch(/^20130703\.0 /)
		expect(newest?.split(/ {2,}/)).toContain(problem)
		expect(oldest).not.toMatch(/missing|damaged/)
		expect(await release(effects, 'list', '--json')).toBe(0)
		const listed = JSON.parse(effects.said.out.join('')) as object[]
		expect(listed).toMatchObject([{ problem }, { problem: null }])
	})

	it('says what to do where there is no release', async () => {
		const effects = await testEffects()
		expect(await release(effects, 'list')).toBe(0)
		expect(effects.said.out).toEqual(['no release yet; run: release publish'])
		expect(await release(effects, 'verify')).toBe(0)
		expect(effects.said.out).toEqual(['no release yet; run: release publish'])
	})

	it('verifies every file, and names those that are damaged', async () => {
		const effects = await withReleases()
		expect(await release(effects, 'verify')).toBe(0)
		expect(effects.said.out).toHaveLength(6)
		await writeFile(join(effects.modelsDir, OLD, 'report.json'), '[]\n')
		await writeFile(join(effects.modelsDir, NEW, 'manifest.json'), '{}\n')
		expect(await release(effects, 'verify')).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(
			/20130702\.0\/report\.json.*20130703\.0\/manifest\.json/,
		)
		expect(effects.said.out.filter((line) => line.startsWith('DAMAGED'))).toHaveLength(2)
		expect(await release(effects, 'list')).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/20130703\.0 +damaged/)
	})

	it.each(['list', 'verify'])(
		'names in %s a folder that releases.json does not list',
		async (command) => {
			const effects = await withReleases()
			expect(await release(effects, command)).toBe(0)
			expect(effects.said.err).toEqual([])
			const dir = join(effects.modelsDir, '20130704.0')
			await mkdir(dir)
			await mkdir(join(effects.modelsDir, 'notes'))
			expect(await release(effects, command)).toBe(0)
			expect(effects.said.err).toEqual([
				`warning: not in releases.json, probably left by a killed publish: ${dir}; if no publish runs, remove it and run: release publish`,
			])
		},
	)

	it('verifies only the releases that are named', async () => {
		const effects = await withReleases()
		await writeFile(join(effects.modelsDir, OLD, 'report.json'), '[]\n')
		expect(await release(effects, 'verify', NEW)).toBe(0)
		expect(await release(effects, 'verify', OLD)).toBe(1)
		expect(await release(effects, 'verify', '20200101.0')).toBe(1)
	})

	it.each([
		['promote'],
		['promote', 'newest'],
		['promote', '20261399.0'],
		['promote', OLD, '--channel', 'nightly'],
		['promote', OLD, '--share', '0.5'],
		['promote', NEW, '--force'],
		['promote', NEW, '--force', '--why', 'now', '--channel', 'staging'],
		['promote', OLD, '--channel', 'canary', '--share', '2'],
		['promote', OLD, '--why', 'x'.repeat(501)],
		['rollback', OLD],
		['publish', '--execution', '0'],
		['verify', 'newest'],
		['burn'],
	])('ends with 2 and the help for wrong usage: %s %s %s', async (...args) => {
		const effects = await withReleases()
		expect(await release(effects, ...args)).toBe(2)
		expect(effects.said.err.join('\n')).toContain('Usage: whichsub release')
		expect(await production(effects)).toBe(OLD)
	})
})
