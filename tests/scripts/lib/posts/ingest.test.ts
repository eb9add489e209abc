import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { type IngestCounts, ingest } from '../../../../scripts/lib/posts/ingest.ts'
import { main } from '../../../../scripts/main.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { formatNdjson, makeCorpus } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { hasZstdDecoder, nodeDecoder, packZstandard } from '../../../fixtures/zstandard.ts'

const post = { ...makePosts(1)[0], id: 'a1', title: 'A first title' }

function makePosts(postsPerSubreddit: number) {
	return makeCorpus({ postsPerSubreddit, from: 1_370_000_000, until: 1_371_000_000 })
}

async function writeInput(name: string, data: string | Uint8Array): Promise<string> {
	const path = join(await temporaryFolder(), name)
	await writeFile(path, data)
	return path
}

/** The posts' own columns; when they were ingested differs from run to run. */
async function readPosts(effects: Effects) {
	const database = await openPostsDatabase(effects)
	const { rows } = await database.execute(
		`SELECT posts.id, created_utc, subreddit, title, over_18, retrieved_utc,
		name AS source FROM posts JOIN sources ON sources.id = source_id ORDER BY posts.id`,
	)
	database.close()
	return rows.map((row) => ({ ...row }))
}

async function titles(effects: Effects) {
	return (await readPosts(effects)).map(({ title }) => title)
}

async function ingestText(effects: TestEffects, name: string, data: string | Uint8Array) {
	const files = [await writeInput(name, data)]
	return ingest({ files, over18: false }, effects)
}

describe('ingest', () => {
	it('keeps every post with its file and time', async () => {
		const effects = await testEffects({ now: () => new Date('2013-07-01T00:00:00Z') })
		const posts = makePosts(700)
		const { counts, failed } = await ingestText(effects, 'RS.ndjson', formatNdjson(posts))
		expect(counts).toMatchObject({ read: 5600, added: 5600, known: 0, broken: 0 })
		expect(failed).toEqual([])
		const byId = posts
			.map(({ id, created_utc, subreddit, title }) => ({
				...{ id, created_utc, subreddit, title },
				...{ over_18: 0, retrieved_utc: null, source: 'RS.ndjson' },
			}))
			.sort((a, b) => (a.id < b.id ? -1 : 1))
		expect(await readPosts(effects)).toEqual(byId)
		const database = await openPostsDatabase(effects)
		const { rows } = await database.execute('SELECT started_utc FROM sources')
		database.close()
		expect(rows[0]?.[0]).toBe(Date.UTC(2013, 6, 1) / 1000)
	})

	it('keeps each post once, however often its file is given', async () => {
		const effects = await testEffects()
		const path = await writeInput('a.ndjson', formatNdjson(makePosts(10)))
		const once = await ingest({ files: [path, path], over18: false }, effects)
		expect(once.counts).toMatchObject({ read: 160, added: 80, known: 80 })
		const again = await ingest({ files: [path], over18: false }, effects)
		expect(again.counts).toMatchObject({ read: 80, added: 0, corrected: 0, known: 80 })
	})

	it('replaces a post by what comes later', async () => {
		const effects = await testEffects()
		await ingestText(effects, 'a.ndjson', formatNdjson([post, { ...post, id: 'a2' }]))
		const later = { ...post, title: 'Another title' }
		const { counts } = await ingestText(effects, 'b.ndjson', formatNdjson([later]))
		expect(counts).toMatchObject({ added: 0, corrected: 1, known: 0 })
		expect(await readPosts(effects)).toMatchObject([
			{ id: 'a1', title: 'Another title', source: 'b.ndjson' },
			{ id: 'a2', title: post.title, source: 'a.ndjson' },
		])
	})

	it.each([
		['in two files', 1],
		['in one batch', 0],
	])('lets the version win that was retrieved later, %s', async (_, isApart) => {
		const effects = await testEffects()
		const newer = { ...post, title: 'Newer', retrieved_on: 1_400_000_000 }
		const older = { ...post, title: 'Older', retrieved_on: 1_390_000_000 }
		const files = isApart ? [[newer], [older]] : [[newer, older]]
		for (const rows of files) await ingestText(effects, 'a.ndjson', formatNdjson(rows))
		expect(await titles(effects)).toEqual(['Newer'])
		await ingestText(effects, 'c.ndjson', formatNdjson([{ ...post, title: 'Undated' }]))
		expect(await titles(effects)).toEqual(['Undated'])
		await ingestText(effects, 'd.ndjson', formatNdjson([older]))
		expect(await titles(effects)).toEqual(['Undated'])
	})

	it('leaves out posts over 18 unless asked, and deleted and removed ones always', async () => {
		const rows = [
			post,
			{ ...post, id: 'b1', over_18: true },
			{ ...post, id: 'b2', title: '[deleted]' },
			{ ...post, id: 'b3', selftext: '[removed]' },
			{ ...post, id: 'b4', removed_by_category: 'moderator' },
		]
		const effects = await testEffects()
		const path = await writeInput('a.ndjson', formatNdjson(rows))
		const { counts } = await ingest({ files: [path], over18: false }, effects)
		expect(counts).toMatchObject({ read: 5, added: 1, over18: 1, deleted: 3, broken: 0 })
		const all = await ingest({ files: [path], over18: true }, effects)
		expect(all.counts).toMatchObject({ added: 1, known: 1, over18: 0, deleted: 3 })
	})

	it('takes a post out that comes again as deleted, or as newly marked over 18', async () => {
		const dated = { ...post, retrieved_on: 1_390_000_000 }
		const ids = ['a1', 'a2', 'a3', 'a4']
		const grown = { ...post, id: 'a5', over_18: true }
		const effects = await testEffects()
		const first = await writeInput(
			'a.ndjson',
			formatNdjson([...ids.map((id) => ({ ...dated, id })), grown]),
		)
		await ingest({ files: [first], over18: true }, effects)
		const { counts } = await ingestText(
			effects,
			'b.ndjson',
			formatNdjson([
				{ ...post, id: 'a1', selftext: '[deleted]' },
				{ ...post, id: 'a2', over_18: true },
				{ ...dated, id: 'a3', title: '[removed]', retrieved_on: 1_380_000_000 },
				{ ...post, id: 'a4', title: '[removed]' },
				{ ...post, id: 'a4', title: 'It is back' },
				grown,
			]),
		)
		expect(counts).toMatchObject({ read: 6, deleted: 3, over18: 2, corrected: 1, withdrawn: 2 })
		expect(await readPosts(effects)).toMatchObject([
			{ id: 'a3', title: post.title },
			{ id: 'a4', title: 'It is back' },
			{ id: 'a5' },
		])
	})

	it('takes a stored post out that comes again as one of those that are left out', async () => {
		const dated = { ...post, retrieved_on: 1_390_000_000 }
		const effects = await testEffects()
		const ids = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']
		await ingestText(effects, 'a.ndjson', formatNdjson(ids.map((id) => ({ ...dated, id }))))
		const second = (id: string, meta: object, retrieved = 1_400_000_000) => ({
			...dated,
			id,
			_meta: { retrieved_2nd_on: retrieved, ...meta },
		})
		const { counts } = await ingestText(
			effects,
			'b.ndjson',
			formatNdjson([
				second('a1', { was_deleted_later: true, removal_type: 'moderator' }),
				second('a2', { edited_title: '[ Removed by moderator ]' }),
				second('a3', { was_initially_deleted: true, removal_type: 'automod_filtered' }),
				{ ...dated, id: 'a4', banned_by: 'a_moderator', retrieved_on: 1_380_000_000 },
				{ ...dated, id: 'a5', promoted: true },
				{ ...dated, id: 'a6', subreddit: 'u_someone' },
				{ ...dated, id: 'a7', selftext: '[ Removed by Reddit ]' },
			]),
		)
		expect(counts).toMatchObject({ deleted: 4, advert: 1, profile: 1, corrected: 1, withdrawn: 5 })
		expect((await readPosts(effects)).map(({ id }) => id)).toEqual(['a3', 'a4'])
	})

	it('keeps the text of a title, but for NUL and halves of surrogate pairs', async () => {
		const title = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
		const titles = fc.array(
			title.filter((text) => /\S/.test(text)),
			{ minLength: 1 },
		)
		await fc.assert(
			fc.asyncProperty(titles, async (texts) => {
				const effects = await testEffects()
				const rows = texts.map((title, n) => ({
					...post,
					id: n.toString(36).padStart(3, '0'),
					title,
				}))
				await ingestText(effects, 'x.ndjson', formatNdjson(rows))
				expect((await readPosts(effects)).map(({ title }) => title)).toEqual(
					texts.map((text) => Buffer.from(text.replaceAll('\0', '\uFFFD')).toString()),
				)
			}),
			{ numRuns: 20, examples: [[['nul \u0000 inside', 'half \ud83d a pair', 'a\u2028b', '"\\']]] },
		)
	})

	it('stops between batches on Ctrl-C, and keeps what was committed', async () => {
		const interrupt = new AbortController()
		const posts = makePosts(2_000)
		const lines = posts.map((row) => `${JSON.stringify(row)}\n`)
		const stdin = (async function* () {
			yield Buffer.from(lines.slice(0, 6_000).join(''))
			// Too few for a batch.
			yield Buffer.from(lines.slice(6_000, 7_000).join(''))
			interrupt.abort()
			yield Buffer.from(lines.slice(7_000).join(''))
		})()
		const effects = await testEffects({ signal: interrupt.signal, stdin })
		expect(await main(['ingest', '-'], effects)).toBe(130)
		expect(await titles({ ...effects, signal: new AbortController().signal })).toHaveLength(6_000)
	})

	it('reports broken rows with file and line, and reads on', async () => {
		const effects = await testEffects()
		const lines = [JSON.stringify(post), '{"id": "a2", ', '', '[1]', '{"id":"UPPER"}']
		const broken = Array.from({ length: 10 }, () => 'no json')
		const text = [...lines, ...broken, JSON.stringify({ ...post, id: 'z9' })].join('\n')
		const { counts, failed } = await ingestText(effects, 'x.ndjson', text)
		expect(counts).toMatchObject({ read: 15, added: 2, broken: 13 })
		expect(failed).toEqual([])
		expect(effects.said.err).toEqual([
			'x.ndjson:2: not JSON',
			'x.ndjson:4: not an object',
			expect.stringMatching(/^x\.ndjson:5: id: expected a base-36 id/),
			'x.ndjson:6: not JSON',
			'x.ndjson:7: not JSON',
			'x.ndjson: … and 8 more broken rows',
		])
	})

	it('writes every broken row to the file of problems, also when it is stopped', async () => {
		const problems = join(await temporaryFolder(), 'problems.jsonl')
		const read = async () =>
			(await readFile(problems, 'utf8'))
				.split('\n')
				.filter(Boolean)
				.map((line) => JSON.parse(line) as object)
		const header = 'subreddit,id,title,created_utc,score,num_comments,over_18'
		const csv = `${header}\npics,a1,"two\nlines",soon,3,4,0\npics,a2,A,1370000000,3,4,0\npics,a3\n`
		const files = [
			await writeInput('a.csv', csv),
			await writeInput('b.ndjson', `${JSON.stringify(post)}\n${'{\n'.repeat(2_000)}`),
		]
		await ingest({ files, over18: false, problems }, await testEffects())
		const all = await read()
		expect(all).toHaveLength(2_002)
		expect(all.slice(0, 3)).toEqual([
			{
				file: 'a.csv',
				line: 2,
				reason: expect.stringMatching(/^created_utc: /),
				text: 'pics,a1,"two\nlines",soon,3,4,0',
			},
			{ file: 'a.csv', line: 5, reason: '2 fields; the header has 7', text: 'pics,a3' },
			{ file: 'b.ndjson', line: 2, reason: 'not JSON', text: '{' },
		])
		const interrupt = new AbortController()
		const stdin = (async function* () {
			yield Buffer.from('no json\n')
			interrupt.abort()
			yield Buffer.from('no json\n')
		})()
		const effects = await testEffects({ signal: interrupt.signal, stdin })
		expect(await main(['ingest', '-', '--problems', problems], effects)).toBe(130)
		expect(await read()).toEqual([{ file: 'stdin', line: 1, reason: 'not JSON', text: 'no json' }])
		expect(await readdir(dirname(problems))).toEqual(['problems.jsonl'])
	})

	it('says where the file of problems can not be written, before it reads anything', async () => {
		const effects = await testEffects()
		const path = await writeInput('a.ndjson', formatNdjson([post]))
		const folder = await temporaryFolder()
		for (const [problems, message] of [
			[folder, `is a folder: ${folder}; name a file for the problems`],
			[join(path, 'x'), /^is no folder, or lies below a file: /],
		] as const) {
			expect(await main(['ingest', path, '--problems', problems], effects)).toBe(1)
			expect(effects.said.err.at(-1)?.replace('whichsub: ', '')).toMatch(message)
		}
		expect(await titles(effects)).toEqual([])
		expect(await main(['ingest', path, '--problems', path], effects)).toBe(2)
	})

	it('fails for a file of which no row could be read', async () => {
		const effects = await testEffects()
		const { failed, counts } = await ingestText(effects, 'x.ndjson', 'a\nb\n')
		expect(counts).toMatchObject({ read: 2, broken: 2 })
		expect(failed).toEqual([
			'nothing could be read: x.ndjson (rows: 2, all broken); is it the right file?',
		])
	})

	it('reads a byte order mark, CRLF, and a line of a megabyte', async () => {
		const long = { ...post, id: 'b1', selftext: 'x'.repeat(1_000_000) }
		const lines = [post, long, { ...post, id: 'c1' }].map((row) => JSON.stringify(row))
		const effects = await testEffects()
		const { counts } = await ingestText(effects, 'x.ndjson', `\uFEFF${lines.join('\r\n')}\r\n`)
		expect(counts).toMatchObject({ read: 3, added: 3, broken: 0 })
		expect(await titles(effects)).toEqual([post.title, post.title, post.title])
	})

	it('reads rows of full dumps: numbers as text, fractions, ids with their kind', async () => {
		const full = { ...post, id: 't3_9z', created_utc: '1370000000.0', score: '5', num_comments: -1 }
		const effects = await testEffects()
		const rows = [
			{ ...full, retrieved_on: 1_380_000_000, _meta: { retrieved_2nd_on: 1_390_000_000 } },
		]
		const { counts } = await ingestText(effects, 'x.ndjson', formatNdjson(rows))
		expect(counts).toMatchObject({ added: 1, broken: 0 })
		expect(await readPosts(effects)).toMatchObject([
			{
				id: '9z',
				created_utc: 1_370_000_000,
				retrieved_utc: 1_390_000_000,
			},
		])
	})

	it('reads CSV with quotes and newlines inside a title', async () => {
		const header = 'subreddit,id,title,created_utc,score,num_comments,over_18'
		const text = [
			`\uFEFF${header}`,
			'pics,a1,"He said ""no"",\r\nthen left",1370000000,3,4,false',
			'pics,a2,too,few',
			'pics,a3,Plain,1370000000,-3,4,False',
			'pics,a4,Bad number,soon,3,4,0',
			'pics,a5,Grown-up,1370000000,3,4,1',
		].join('\r\n')
		const effects = await testEffects()
		const { counts } = await ingestText(effects, 'x.csv', text)
		expect(counts).toMatchObject({ read: 5, added: 2, over18: 1, broken: 2 })
		expect(await readPosts(effects)).toMatchObject([
			{ id: 'a1', title: 'He said "no",\r\nthen left' },
			{ id: 'a3', title: 'Plain' },
		])
		expect(effects.said.err).toEqual([
			expect.stringMatching(/^x\.csv:4: 4 fields; the header has 7/),
			expect.stringMatching(/^x\.csv:6: created_utc: /),
		])
	})

	it('reads a packed table, and no folder', async () => {
		const text =
			'subreddit,id,title,created_utc,score,num_comments,over_18\npics,a1,A,1370000000,3,4,0\n'
		const effects = await testEffects()
		expect((await ingestText(effects, 'x.CSV.gz', gzipSync(text))).counts.added).toBe(1)
		const folder = await temporaryFolder()
		await mkdir(join(folder, 'x.ndjson'))
		const files = [join(folder, 'x.ndjson')]
		await expect(ingest({ files, over18: false }, effects)).rejects.toThrow(/is a folder: /)
	})

	it('says that a pipe is to be sent to stdin', async () => {
		const effects = await testEffects()
		const pipe = join(await temporaryFolder(), 'posts.ndjson')
		execFileSync('mkfifo', [pipe])
		expect(await main(['ingest', pipe], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain(`send it to stdin, as in: ingest - < ${pipe}`)
	})

	it('names the columns that a CSV header lacks', async () => {
		const effects = await testEffects()
		const { failed } = await ingestText(effects, 'x.csv', 'id,title\na1,Some title\n')
		expect(failed).toEqual([
			expect.stringContaining('header of x.csv lacks created_utc, subreddit; '),
		])
	})

	it('reads gzip, of several members too, and JSON Lines on stdin', async () => {
		const rows = makePosts(2)
		const [first, second] = [rows.slice(0, 8), rows.slice(8)].map((part) =>
			gzipSync(formatNdjson(part)),
		) as [Buffer, Buffer]
		const packed = Buffer.concat([first, second])
		const effects = await testEffects()
		expect((await ingestText(effects, 'x.ndjson.gz', packed)).counts.added).toBe(16)
		const piped = await testEffects({
			stdin: (async function* () {
				for (const byte of packed) yield Uint8Array.of(byte)
			})(),
		})
		expect((await ingest({ files: ['-'], over18: false }, piped)).counts.added).toBe(16)
	})

	it('keeps what stands before the place where a file is cut off, and reads the next', async () => {
		const packed = gzipSync(formatNdjson(makePosts(200)), { level: 1 })
		const cut = await writeInput('cut.gz', packed.subarray(0, packed.length / 2))
		const whole = await writeInput('b.ndjson', formatNdjson([post]))
		const effects = await testEffects()
		const { counts, failed } = await ingest({ files: [cut, whole], over18: false }, effects)
		expect(failed).toEqual(['file is damaged: cut.gz (it is cut off); get it again'])
		expect(counts.added).toBeGreaterThan(100)
		expect(await titles(effects)).toContain(post.title)
	})

	it('refuses a file that is not there before it reads another', async () => {
		const effects = await testEffects()
		const path = await writeInput('a.ndjson', formatNdjson([post]))
		const files = [path, '/nowhere/b.zst']
		await expect(ingest({ files, over18: false }, effects)).rejects.toMatchObject({
			code: 'not-found',
		})
		expect(await titles(effects)).toEqual([])
	})

	it.each([
		['all posts', []],
		['some of each subreddit', ['--per-subreddit', '1500']],
	])('gives the same posts after a kill and a second run: %s', async (_, options) => {
		const lines = makePosts(4_000).map((row) => `${JSON.stringify(row)}\n`)
		const effects = await testEffects()
		// The pipe stays open, so that it can't have come to the end before it is killed.
		const before = await killWhenSomeAreIn(lines.slice(0, 18_000).join(''), effects, options)
		expect(before).toBeGreaterThanOrEqual(5_000)
		expect(before).toBeLessThan(18_000)
		const all = async (override: Partial<Effects>) => {
			const stdin = (async function* () {
				yield Buffer.from(lines.join(''))
			})()
			const run = await testEffects({ ...override, stdin })
			expect(await main(['ingest', '-', '--json', ...options], run)).toBe(0)
			const counts = JSON.parse(run.said.out.join('')) as IngestCounts
			return { counts, posts: JSON.stringify(await readPosts(run)) }
		}
		const again = await all({ dataDir: effects.dataDir })
		const fresh = await all({})
		const { added, known, beyond } = again.counts
		expect(added + known + beyond).toBe(32_000)
		if (options.length === 0) expect(known).toBe(before)
		expect(again.posts === fresh.posts).toBe(true)
	})

	it('shares a database that several make at the same moment', async () => {
		const { dataDir } = await testEffects()
		const path = await writeInput('a.ndjson', formatNdjson(makePosts(100)))
		const run = promisify(execFile)
		const args = [await compiled('scripts/cli.ts'), '--data', dataDir, 'ingest', '--json', path]
		const runs = await Promise.all([1, 2, 3].map(() => run(process.execPath, args)))
		const counts = runs.map(({ stdout }) => JSON.parse(stdout) as { added: number })
		expect(counts.reduce((sum, { added }) => sum + added, 0)).toBe(800)
	})
})

describe('whichsub ingest', () => {
	it('prints a table and exits 1 where a file could not be read to its end', async () => {
		const packed = gzipSync(formatNdjson([post]))
		const path = await writeInput('cut.gz', packed.subarray(0, -4))
		const effects = await testEffects()
		expect(await main(['ingest', path], effects)).toBe(1)
		expect(effects.said.out.join()).toMatch(/read +1\nadded +1/)
		expect(effects.said.err.at(-1)).toContain('1 of 1 files could not be read, or not to the end')
	})

	it('prints counts for programs', async () => {
		const path = await writeInput('a.ndjson', formatNdjson([post]))
		const effects = await testEffects()
		expect(await main(['ingest', '--json', path], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.join())).toMatchObject({ read: 1, added: 1 })
	})

	it.skipIf(!hasZstdDecoder)('reads what zstd packed', async () => {
		const path = await writeInput('RS.zst', packZstandard(formatNdjson(makePosts(50))))
		const effects = await testEffects()
		expect(await main(['ingest', '--json', path], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.join())).toMatchObject({ read: 400, added: 400 })
	})

	// Where Node has a decoder it is always there.
	if (!nodeDecoder)
		it('reads nothing where one of the files needs a decoder that is not there', async () => {
			const plain = await writeInput('a.ndjson', formatNdjson([post]))
			const effects = await testEffects({ env: { PATH: '/nowhere' } })
			expect(await main(['ingest', plain, await writeInput('x.zst', '')], effects)).toBe(1)
			expect(effects.said.err).toEqual([
				'whichsub: no decoder for Zstandard: x.zst; install the program zstd, or use Node 22.15 or later',
			])
			expect(existsSync(effects.dataDir)).toBe(false)
		})

	it('fails for an empty packed file, and takes an empty text for no rows', async () => {
		const effects = await testEffects()
		for (const name of ['x.gz', ...(hasZstdDecoder ? ['x.zst'] : [])]) {
			effects.said.err.length = 0
			expect(await main(['ingest', await writeInput(name, '')], effects)).toBe(1)
			expect(effects.said.err[0]).toBe(`file is damaged: ${name} (it is empty); get it again`)
		}
		expect(await main(['ingest', await writeInput('x.ndjson', '')], effects)).toBe(0)
	})
})

/** Kills a process that reads `input` as soon as some posts are committed. @returns how many are */
async function killWhenSomeAreIn(
	input: string,
	effects: Effects,
	options: readonly string[],
): Promise<number> {
	const program = await compiled('scripts/cli.ts')
	const args = [program, '--data', effects.dataDir, 'ingest', '-', ...options]
	const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'] })
	const ended = once(child, 'exit')
	// What it had not read when it was killed comes back as a broken pipe.
	child.stdin.on('error', () => {})
	child.stdin.write(input)
	let hasEnded = false
	child.on('exit', () => {
		hasEnded = true
	})
	while (!hasEnded && (await readCount(effects)) === 0)
		await new Promise((done) => setTimeout(done, 20))
	child.kill('SIGKILL')
	expect(await ended).toEqual([null, 'SIGKILL'])
	return readCount(effects)
}

async function readCount(effects: Effects): Promise<number> {
	if (!existsSync(join(effects.dataDir, 'posts.db'))) return 0
	const database = await openPostsDatabase(effects)
	const { rows } = await database.execute('SELECT count(*) FROM posts')
	database.close()
	return Number(rows[0]?.[0])
}
