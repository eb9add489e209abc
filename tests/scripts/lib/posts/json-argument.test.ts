import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { formatJsonArgument } from '../../../../scripts/lib/posts/json-argument.ts'
import { testEffects } from '../../../fixtures/effects.ts'

describe('formatJsonArgument', () => {
	it('replaces halves of surrogate pairs and NUL, and nothing else', () => {
		const rows = [['a\ud800b', '\udfff', '\0', '🙂', '\\ud800', 7, null]]
		expect(JSON.parse(formatJsonArgument(rows))).toEqual([
			['a\ufffdb', '\ufffd', '\ufffd', '🙂', '\\ud800', 7, null],
		])
	})

	it('brings any text through the database', async () => {
		const database = await openPostsDatabase(await testEffects())
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc
				.array(fc.integer({ min: 0xd700, max: 0xe0ff }))
				.map((codes) => String.fromCharCode(...codes)),
		)
		await fc.assert(
			fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (texts) => {
				const { rows } = await database.execute(
					'SELECT value->>0 AS text FROM json_each(?) ORDER BY key',
					[formatJsonArgument(texts.map((one) => [one]))],
				)
				expect(rows.map((row) => row.text)).toEqual(
					texts.map((one) => one.replace(/\p{Surrogate}|\0/gu, '\ufffd')),
				)
			}),
			{ examples: [[['a\u0000b', '\ud800', '']]] },
		)
		database.close()
	})
})
