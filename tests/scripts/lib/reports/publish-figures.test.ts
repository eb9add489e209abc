import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { publishFigures } from '../../../../scripts/lib/reports/publish-figures.ts'
import { main } from '../../../../scripts/main.ts'
import { testEffects } from '../../../fixtures/effects.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'
import {
	makeComparisonReport,
	makeDriftReport,
	makeEvaluationReport,
} from '../../../fixtures/reports.ts'

const [A, B] = ['20130601.0', '20130701.0']

async function withReleases() {
	const effects = await testEffects()
	const model = makeModelFile({ topics: { cats: ['kitten'], linux: ['kernel'] } })
	const report = JSON.stringify(makeEvaluationReport())
	const listed = []
	for (const version of [A, B])
		listed.push(await writeRelease(effects.modelsDir, { version, model, labels: 2, report }))
	await writeReleases(effects.modelsDir, listed, { production: B })
	return effects
}

describe('publishFigures', () => {
	it('writes a file that releases.json lists by digest, and leaves the releases as they are', async () => {
		const effects = await withReleases()
		const before = await readReleases(effects.modelsDir)
		const entry = await publishFigures(
			{ kind: 'comparison', report: makeComparisonReport(A, B) },
			effects,
		)
		const bytes = await readFile(join(effects.modelsDir, 'figures', entry.file))
		expect([bytes.length, sha256(bytes)]).toEqual([entry.bytes, entry.sha256])
		const { figures, ...rest } = await readReleases(effects.modelsDir)
		expect(figures).toEqual([entry])
		expect(rest).toEqual(before)
	})

	it('puts newer figures of the same in place of the older ones', async () => {
		const effects = await withReleases()
		const report = makeDriftReport(B)
		await publishFigures({ kind: 'drift', report }, effects)
		const newer = { ...report, created: '2013-09-02T00:00:00Z' }
		const entry = await publishFigures({ kind: 'drift', report: newer }, effects)
		await publishFigures({ kind: 'drift', report: makeDriftReport(A) }, effects)
		expect((await readReleases(effects.modelsDir)).figures?.[0]).toEqual(entry)
		expect(await readdir(join(effects.modelsDir, 'figures'))).toHaveLength(2)
	})

	it.each([
		['of a candidate', 'execution #7', /execution #7 is no release/],
		[
			'of a release that is not there',
			'release 20130101.0',
			/20130101\.0 is not in releases\.json/,
		],
	])('refuses figures %s', async (_, name, message) => {
		const effects = await withReleases()
		const report = { ...makeComparisonReport(A, B) }
		const ofOther = { ...report, b: { ...report.b, name } }
		await expect(publishFigures({ kind: 'comparison', report: ofOther }, effects)).rejects.toThrow(
			message,
		)
		expect((await readReleases(effects.modelsDir)).figures).toBeUndefined()
	})
})

describe('whichsub report', () => {
	it('compares two releases by their reports where no comparison is recorded, and says so', async () => {
		const effects = await withReleases()
		expect(await main(['report', `${A}..production`, '--markdown'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toContain(`## Release ${A} → release ${B}`)
		expect(effects.said.err.join('\n')).toContain(`run: compare ${A} production`)
	})

	it('refuses one release beside itself, by whatever names', async () => {
		const effects = await withReleases()
		for (const subject of [`${A}..${A}`, `${B}..production`])
			expect(await main(['report', subject, '--markdown'], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain(
			`report: ${B}..production is one and the same model, which shows no change; name two different ones`,
		)
		expect(effects.said.out).toEqual([])
	})

	it('publishes drift that a file holds', async () => {
		const effects = await withReleases()
		const file = join(effects.modelsDir, 'drift.json')
		await writeFile(file, JSON.stringify(makeDriftReport(B)))
		expect(await main(['report', 'drift', '--figures', file, '--publish'], effects)).toBe(0)
		const { figures } = await readReleases(effects.modelsDir)
		expect(figures).toMatchObject([{ kind: 'drift', release: B, name: 'RS_2013-07.zst' }])
		expect(effects.said.err.join('\n')).toContain(`published ${join(effects.modelsDir, 'figures')}`)
	})

	it('says what can be published where this can not', async () => {
		const effects = await withReleases()
		expect(await main(['report', A, '--publish'], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain('nothing to publish')
	})
})
