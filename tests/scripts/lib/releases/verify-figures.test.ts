import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { publishFigures } from '../../../../scripts/lib/reports/publish-figures.ts'
import { main } from '../../../../scripts/main.ts'
import { testEffects } from '../../../fixtures/effects.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'
import { makeComparisonReport, makeDriftReport } from '../../../fixtures/reports.ts'

const [A, B] = ['20130601.0', '20130701.0']

/** Two releases, a comparison of them, and drift of the first. */
async function withFigures(report = makeComparisonReport(A, B)) {
	const effects = await testEffects()
	const { modelsDir } = effects
	const model = makeModelFile({ topics: { cats: ['kitten'], linux: ['kernel'] } })
	const options = { model, labels: 2, file: 'model.ftz.gzip' }
	const listed = [
		await writeRelease(modelsDir, { version: A, ...options }),
		await writeRelease(modelsDir, { version: B, ...options }),
	]
	await writeReleases(modelsDir, listed, {})
	await publishFigures({ kind: 'comparison', report }, effects)
	await publishFigures({ kind: 'drift', report: makeDriftReport(A) }, effects)
	const verify = async (...versions: string[]) => {
		const said = { out: [] as string[], err: [] as string[] }
		const io = {
			...effects,
			out: (text: string) => said.out.push(text),
			err: (text: string) => said.err.push(text),
		}
		const code = await main(['release', 'verify', ...versions], io)
		const figures = said.out.filter((line) => line.includes('figures/'))
		return { code, figures, err: said.err.join('\n') }
	}
	const changeReleases = async (change: (text: string) => string) => {
		const path = join(modelsDir, 'releases.json')
		await writeFile(path, change(await readFile(path, 'utf8')))
	}
	const entries = (await readReleases(modelsDir)).figures ?? []
	return { verify, changeReleases, entries, dir: join(modelsDir, 'figures') }
}

describe('whichsub release verify', () => {
	it('checks the figures that are published of the releases, all or those that are named', async () => {
		const { verify, entries } = await withFigures()
		expect((await verify()).figures).toHaveLength(2)
		const ofB = await verify(B)
		expect([ofB.code, ofB.figures.length]).toEqual([0, 1])
		expect(ofB.figures[0]).toContain(`ok       figures/${entries[0]?.file}`)
	})

	it('takes the figures of a twin for those of its release', async () => {
		const report = makeComparisonReport(A, B)
		const twin = { ...report.b, name: `twin of ${report.b.name}` }
		const { verify } = await withFigures({ ...report, b: twin })
		const { code, figures } = await verify()
		expect([code, figures.length]).toEqual([0, 2])
	})

	it('notices a changed byte, and a file that is gone', async () => {
		const { verify, entries, dir } = await withFigures()
		const [comparison, drift] = entries.map(({ file }) => join(dir, file))
		if (!comparison || !drift) throw new Error('nothing was published')
		const text = await readFile(comparison, 'utf8')
		await writeFile(comparison, text.replace('"schema":1', '"schema":2'))
		await rename(drift, `${drift}.gone`)
		const { code, figures, err } = await verify()
		expect(code).toBe(1)
		expect(figures.every((line) => line.startsWith('DAMAGED'))).toBe(true)
		expect(err).toContain(`${comparison} is damaged: its SHA-256 is not the one on record`)
		expect(err).toContain(`warning: not in releases.json`)
		expect(err).toContain(`${drift}.gone; if no publish runs, remove it and run: report --publish`)
	})

	it('notices figures of another schema, whatever their digest says', async () => {
		const { verify, entries, dir, changeReleases } = await withFigures()
		const drift = entries[1]
		if (!drift) throw new Error('nothing was published')
		const bytes = Buffer.from('{"schema":1}\n'.padEnd(drift.bytes))
		await writeFile(join(dir, drift.file), bytes)
		await changeReleases((text) => text.replace(drift.sha256, sha256(bytes)))
		const { code, err } = await verify(A)
		expect(code).toBe(1)
		expect(err).toContain(drift.file)
	})

	it('notices figures of other releases than releases.json says', async () => {
		const { verify, changeReleases } = await withFigures()
		await changeReleases((text) => text.replace(`"release": "${A}"`, `"release": "${B}"`))
		const { code, err } = await verify()
		expect(code).toBe(1)
		expect(err).toContain(`has figures of release ${A}, and releases.json says release ${B}`)
	})

	it('notices figures of a release that is not there', async () => {
		const { verify, changeReleases } = await withFigures()
		await changeReleases((text) => {
			const releases = JSON.parse(text)
			releases.releases = releases.releases.filter(
				({ version }: { version: string }) => version !== B,
			)
			return JSON.stringify(releases)
		})
		const { code, err } = await verify()
		expect(code).toBe(1)
		expect(err).toContain(`is about release ${B}, which is not listed`)
	})
})
