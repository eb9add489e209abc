import { describe, expect, it } from 'vitest'
import { withPatience } from '../../../../scripts/lib/collect/patient-database.ts'
import { type Database, openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import { testEffects } from '../../../fixtures/effects.ts'

/** A real database whose first answers fail. */
async function openFailing(failures: number, error: Error) {
	const effects = await testEffects()
	const database = await openPostsDatabase(effects)
	let left = failures
	const fail = () => {
		left -= 1
		if (left >= 0) throw error
	}
	const failing: Database = {
		...database,
		execute: async (sql, args) => {
			fail()
			return database.execute(sql, args)
		},
		batch: async (statements) => {
			fail()
			return database.batch(statements)
		},
	}
	const waits: number[] = []
	const sleep = async (milliseconds: number) => void waits.push(milliseconds)
	return { database: withPatience(failing, { ...effects, sleep, random: () => 1 }), waits }
}

describe('withPatience', () => {
	it('asks again, with growing waits, after a failure that may pass', async () => {
		const { database, waits } = await openFailing(3, new AppError('network', 'no answer'))
		const { rows } = await database.execute('SELECT 7 AS seven')
		expect(rows[0]?.seven).toBe(7)
		expect(waits).toEqual([2_000, 4_000, 8_000])
	})

	it('does so for a batch', async () => {
		const { database, waits } = await openFailing(1, new AppError('network', 'no answer'))
		await database.batch([{ sql: 'DELETE FROM stored_posts' }])
		expect(waits).toHaveLength(1)
	})

	it('gives up in the end', async () => {
		const { database, waits } = await openFailing(99, new AppError('network', 'no answer'))
		await expect(database.execute('SELECT 7')).rejects.toThrow('no answer')
		expect(waits).toHaveLength(14)
	})

	it('does not repeat what cannot help', async () => {
		const inUse = new AppError('conflict', 'database is in use')
		const full = new AppError('storage-full', 'disk is full')
		for (const error of [inUse, full, new Error('wrong SQL')]) {
			const { database, waits } = await openFailing(1, error)
			await expect(database.execute('SELECT 7')).rejects.toThrow(error.message)
			expect(waits).toEqual([])
		}
	})
})
