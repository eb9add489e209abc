import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { formatLock, lockPath, resolveLockedModel } from '../../../../scripts/lib/run/lock-file.ts'
import { testEffects } from '../../../fixtures/effects.ts'

const sha256 = 'a'.repeat(64)

describe('resolveLockedModel', () => {
	it('finds the model that whichsub.lock names', async () => {
		const effects = await testEffects()
		const step = {
			key: sha256,
			execution: '7-ab12cd',
			parameters: {},
			inputs: {},
			code: { sha256, files: {}, packages: {} },
			output: { kind: 'quantized' as const, name: '#7', sha256 },
			files: {},
			metrics: {},
		}
		await writeFile(lockPath(effects), formatLock({ quantize: step }))
		expect(await resolveLockedModel('locked', effects)).toBe('7-ab12cd')
	})

	it('leaves every other name as it is', async () => {
		expect(await resolveLockedModel('staging', await testEffects())).toBe('staging')
	})

	it('says what to run where there is none', async () => {
		await expect(resolveLockedModel('locked', await testEffects())).rejects.toThrow('run adjust')
	})
})
