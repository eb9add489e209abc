import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeFolder } from '../../../../scripts/lib/files.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { keyOf } from '../../../../scripts/lib/posts/post-keys.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'

const POST = `INSERT INTO stored_posts VALUES (${keyOf('1')}, 5, 1, 'A title', 0, NULL, 1)`

let effects: TestEffects
let dataDir: string
beforeEach(async () => {
	effects = await testEffects()
	dataDir = effects.dataDir
	await makeFolder(dataDir)
})

describe('openPostsDatabase', () => {
	it('makes a file with a write-ahead log that keeps its posts', async () => {
		const first = await openPostsDatabase(effects)
		await first.execute(POST)
		first.close()
		const second = await openPostsDatabase(effects)
		const { rows } = await second.execute('SELECT title FROM posts WHERE id = ?', ['1'])
		expect(rows[0]?.title).toBe('A title')
		expect((await second.execute('PRAGMA journal_mode')).rows[0]?.[0]).toBe('wal')
		second.close()
	})

	it('makes the tables of its caller', async () => {
		const database = await openPostsDatabase(effects, [
			'CREATE TABLE IF NOT EXISTS seen (name TEXT PRIMARY KEY)',
		])
		await database.execute(`INSERT INTO seen VALUES ('pics')`)
		expect((await database.execute('SELECT * FROM seen')).rows).toHaveLength(1)
		database.close()
	})

	it('takes back a whole batch when one statement fails', async () => {
		const database = await openPostsDatabase(effects)
		await expect(database.batch([{ sql: POST }, { sql: POST }])).rejects.toThrow(/UNIQUE/)
		expect((await database.execute('SELECT id FROM posts')).rows).toEqual([])
		database.close()
	})

	it('carries out statements beside this thread, one after the other', async () => {
		const database = await openPostsDatabase(effects)
		const count = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			SELECT sum(i) FROM n`
		let turns = 0
		const timer = setInterval(() => {
			turns += 1
		}, 1)
		const [sum, added, again] = await Promise.all([
			database.executeBeside(count, [1_000_000]),
			database.executeBeside(POST),
			database.executeBeside(count, [3]),
		])
		clearInterval(timer)
		expect(turns).toBeGreaterThan(5)
		expect(sum.rows[0]?.[0]).toBe(500_000_500_000)
		expect(added.rowsAffected).toBe(1)
		expect(again.rows[0]?.[0]).toBe(6)
		await expect(database.executeBeside(POST)).rejects.toThrow(/UNIQUE/)
		expect((await database.execute('SELECT id FROM posts')).rows).toHaveLength(1)
		database.close()
	})

	it('carries out all statements beside this thread or none', async () => {
		const database = await openPostsDatabase(effects)
		const months = async () =>
			(await database.execute('SELECT month, posts FROM post_months')).rows.map((row) => [
				row.month,
				row.posts,
			])
		const drop = { sql: 'DROP TRIGGER post_added' }
		const others = { sql: 'DELETE FROM sources', changes: 1 }
		expect(await database.transactBeside([drop, { sql: POST, changes: 1 }, others])).toBe(false)
		await expect(database.transactBeside([drop, { sql: POST }, { sql: POST }])).rejects.toThrow(
			/UNIQUE/,
		)
		expect(await months()).toEqual([])
		expect(await database.transactBeside([{ sql: POST, changes: 1 }])).toBe(true)
		// The trigger is there.
		expect(await months()).toEqual([['1970-01', 1]])
		database.close()
	})

	it('opens the file that WHICHSUB_DATABASE_URL names', async () => {
		const env = { WHICHSUB_DATABASE_URL: `file:${join(dataDir, 'other.db')}` }
		const database = await openPostsDatabase({ ...effects, dataDir: '/nowhere', env })
		expect(database.location).toBe(join(dataDir, 'other.db'))
		database.close()
	})

	it('says that a file is no database', async () => {
		await writeFile(join(dataDir, 'posts.db'), 'not a database at all, only some text'.repeat(100))
		await expect(openPostsDatabase(effects)).rejects.toMatchObject({
			code: 'damaged',
			message: expect.stringContaining('posts.db'),
		})
	})

	it('refuses a URL of another kind', async () => {
		const env = { WHICHSUB_DATABASE_URL: 'mysql://host/posts' }
		await expect(openPostsDatabase({ ...effects, env })).rejects.toMatchObject({
			code: 'bad-input',
		})
	})

	it('refuses a URL with a password, without showing it', async () => {
		const env = { WHICHSUB_DATABASE_URL: 'http://someone:secret@127.0.0.1:1/' }
		const opened = openPostsDatabase({ ...effects, env })
		await expect(opened).rejects.toMatchObject({ code: 'bad-input' })
		await expect(opened).rejects.not.toThrow(/secret/)
	})

	it('never shows a token when a server does not answer', async () => {
		const env = {
			WHICHSUB_DATABASE_URL: 'http://127.0.0.1:1/?authToken=secret',
			WHICHSUB_DATABASE_TOKEN: 'secret',
		}
		const opened = openPostsDatabase({ ...effects, env })
		await expect(opened).rejects.toMatchObject({ code: 'network' })
		await expect(opened).rejects.not.toThrow(/secret/)
	})
})
