import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeWideRows } from '../../../scripts/bench/wide-rows.ts'
import { ingest } from '../../../scripts/lib/posts/ingest.ts'
import { testEffects } from '../../fixtures/effects.ts'
import { hasZstdProgram } from '../../fixtures/zstandard.ts'

describe.skipIf(!hasZstdProgram)('made rows of full width', () => {
	it('are some 3 kB each, and ingest reads every one', async () => {
		const effects = await testEffects()
		await mkdir(effects.dataDir)
		const file = await writeWideRows(join(effects.dataDir, 'wide.zst'), 1_600)
		expect(file.bytes / 1_600).toBeGreaterThan(3_000)
		const { counts } = await ingest({ files: [file.path], over18: true }, effects)
		expect(counts).toMatchObject({ read: 1_600, added: 1_600, broken: 0 })
	})
})
