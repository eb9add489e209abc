import { appendFile, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFile } from '../../../../scripts/lib/files.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import { outputRef } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { publish } from '../../../../scripts/lib/releases/publish.ts'
import { checkInitFile, findInitModel } from '../../../../scripts/lib/trainer/init-model.ts'
import { makeCandidate, recordModel } from '../../../fixtures/candidate.ts'
import { TOPICS } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

describe('findInitModel', () => {
	it('takes a file by its path', async () => {
		const effects = await testEffects()
		await mkdir(effects.dataDir, { recursive: true })
		const file = join(effects.dataDir, 'my.bin')
		await writeFile(file, 'weights')
		const artifact = await describeFile(file)
		const { sha256 } = artifact
		expect(await findInitModel(file, effects)).toEqual({
			...{ kind: 'model', name: file, sha256, execution: null, files: [artifact] },
		})
	})

	it('takes a training by its number, or by the path of its model', async () => {
		const effects = await testEffects()
		const training = await recordModel('train', null, 'a'.repeat(64), TOPICS, effects)
		const file = join(executionDir(effects, 1), 'model.bin')
		const found = outputRef(training)
		expect(await checkInitFile(await findInitModel('#1', effects), effects)).toBe(file)
		expect(await findInitModel('#1', effects)).toEqual(found)
		expect(await findInitModel('1', effects)).toEqual(found)
		expect(await findInitModel(file, effects)).toEqual(found)
	})

	it.each(['#1', 'path'])(
		'refuses a model that was changed after its training: %s',
		async (name) => {
			const effects = await testEffects()
			await recordModel('train', null, 'a'.repeat(64), TOPICS, effects)
			const file = join(executionDir(effects, 1), 'model.bin')
			await appendFile(file, ' ')
			const found = await findInitModel(name === 'path' ? file : name, effects)
			await expect(checkInitFile(found, effects)).rejects.toMatchObject({ code: 'damaged' })
		},
	)

	it('refuses an execution that is no training', async () => {
		const effects = await testEffects()
		await recordModel('quantize', null, 'a'.repeat(64), TOPICS, effects)
		await expect(findInitModel('#1', effects)).rejects.toThrow(/#1 is a quantize; name a train/)
	})

	it('takes the training behind a release, and none of the same number from another machine', async () => {
		const effects = await testEffects()
		const candidate = await makeCandidate(effects)
		const { manifest } = await publish({ why: '', dryRun: false }, effects)
		const found = await findInitModel(manifest.version, effects)
		expect(found.execution).toBe(candidate.inputs.model?.execution)
		const elsewhere = { ...effects, dataDir: await temporaryFolder() }
		for (let id = 1; id <= 3; id += 1)
			await recordModel('train', null, 'a'.repeat(64), TOPICS, elsewhere)
		await expect(findInitModel(manifest.version, elsewhere)).rejects.toMatchObject({
			code: 'not-found',
			message: expect.stringContaining('not on this machine'),
		})
	})

	it('reads no manifest that is not the one on record', async () => {
		const effects = await testEffects()
		await makeCandidate(effects)
		const { manifest } = await publish({ why: '', dryRun: false }, effects)
		const dir = join(effects.modelsDir, manifest.version)
		await copyFile(join(dir, 'report.json'), join(dir, 'manifest.json'))
		await expect(findInitModel(manifest.version, effects)).rejects.toMatchObject({
			code: 'damaged',
		})
	})

	it.each([
		['nowhere.bin', /no model to start from: nowhere\.bin/],
		['#3', /execution #3 not found/],
		['20130601.0', /no release 20130601\.0/],
	])('says that %s is not there', async (name, message) => {
		await expect(findInitModel(name, await testEffects())).rejects.toMatchObject({
			code: 'not-found',
			message: expect.stringMatching(message),
		})
	})
})
