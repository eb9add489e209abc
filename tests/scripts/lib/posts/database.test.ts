import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'

const POST = `INSERT INTO posts VALUES ('1', 5, 'pics', 'A title', 1, 2, 0, NULL, 1)`

let dataDir: string
beforeEach(async () => {
	dataDir = await mkdtemp(join(tmpdir(), 'whichsub-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

describe('openPostsDatabase', () => {
	it('makes a file with a write-ahead log that keeps its posts', async () => {
		const first = await openPostsDatabase({ dataDir, env: {} })
		await first.execute(POST)
		first.close()
		const second = await openPostsDatabase({ dataDir, env: {} })
		const { rows } = await second.execute('SELECT title FROM posts WHERE id = ?', ['1'])
		expect(rows[0]?.title).toBe('A title')
		expect((await second.execute('PRAGMA journal_mode')).rows[0]?.[0]).toBe('wal')
		second.close()
	})

	it('makes the tables of its caller', async () => {
		const database = await openPostsDatabase({ dataDir, env: {} }, [
			'CREATE TABLE IF NOT EXISTS seen (name TEXT PRIMARY KEY)',
		])
		await database.execute(`INSERT INTO seen VALUES ('pics')`)
		expect((await database.execute('SELECT * FROM seen')).rows).toHaveLength(1)
		database.close()
	})

	it('takes back a whole batch when one statement fails', async () => {
		const database = await openPostsDatabase({ dataDir, env: {} })
		await expect(database.batch([{ sql: POST }, { sql: POST }])).rejects.toThrow(/UNIQUE/)
		expect((await database.execute('SELECT id FROM posts')).rows).toEqual([])
		database.close()
	})

	it('opens the file that WHICHSUB_DATABASE_URL names', async () => {
		const env = { WHICHSUB_DATABASE_URL: `file:${join(dataDir, 'other.db')}` }
		const database = await openPostsDatabase({ dataDir: '/nowhere', env })
		expect(database.location).toBe(join(dataDir, 'other.db'))
		database.close()
	})

	it('says that a file is no database', async () => {
		await writeFile(join(dataDir, 'posts.db'), 'not a database at all, only some text'.repeat(100))
		await expect(openPostsDatabase({ dataDir, env: {} })).rejects.toMatchObject({
			code: 'damaged',
			message: expect.stringContaining('posts.db'),
		})
	})

	it('refuses a URL of another kind', async () => {
		const env = { WHICHSUB_DATABASE_URL: 'mysql://host/posts' }
		await expect(openPostsDatabase({ dataDir, env })).rejects.toMatchObject({ code: 'bad-input' })
	})

	it('refuses a URL with a password, without showing it', async () => {
		const env = { WHICHSUB_DATABASE_URL: 'http://someone:secret@127.0.0.1:1/' }
		const opened = openPostsDatabase({ dataDir, env })
		await expect(opened).rejects.toMatchObject({ code: 'bad-input' })
		await expect(opened).rejects.not.toThrow(/secret/)
	})

	it('never shows a token when a server does not answer', async () => {
		const env = {
			WHICHSUB_DATABASE_URL: 'http://127.0.0.1:1/?authToken=secret',
			WHICHSUB_DATABASE_TOKEN: 'secret',
		}
		const opened = openPostsDatabase({ dataDir, env })
		await expect(opened).rejects.toMatchObject({ code: 'network' })
		await expect(opened).rejects.not.toThrow(/secret/)
	})
})
