import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { executionDir } from '../../../../scripts/lib/executions/executions.ts'
import { findInitModel } from '../../../../scripts/lib/trainer/init-model.ts'
import { testEffects } from '../../../fixtures/effects.ts'

describe('findInitModel', () => {
	it('takes a file by its path', async () => {
		const effects = await testEffects()
		await mkdir(effects.dataDir, { recursive: true })
		const file = join(effects.dataDir, 'my.bin')
		await writeFile(file, '')
		expect(await findInitModel(file, effects)).toEqual({ file, execution: null })
	})

	it('takes a training by its number', async () => {
		const effects = await testEffects()
		const file = join(executionDir(effects, 7), 'model.bin')
		await mkdir(executionDir(effects, 7), { recursive: true })
		await writeFile(file, '')
		expect(await findInitModel('#7', effects)).toEqual({ file, execution: 7 })
	})

	it.each([
		['nowhere.bin', /no model to go on from: nowhere\.bin/],
		['#3', /training #3 has no model\.bin/],
		['20130601.0', /manifest of 20130601\.0 not found/],
	])('says that %s is not there', async (name, message) => {
		await expect(findInitModel(name, await testEffects())).rejects.toMatchObject({
			code: 'not-found',
			message: expect.stringMatching(message),
		})
	})
})
