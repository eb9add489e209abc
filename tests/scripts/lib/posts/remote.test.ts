import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ingest } from '../../../../scripts/lib/posts/ingest.ts'
import { readPostStats } from '../../../../scripts/lib/posts/stats.ts'
import { main } from '../../../../scripts/main.ts'
import { formatNdjson, makeCorpus } from '../../../fixtures/corpus.ts'
import { startDatabaseServer } from '../../../fixtures/database-server.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { SERVERS } from '../../../fixtures/libsql-server.ts'

const corpus = makeCorpus({ postsPerSubreddit: 1500, from: 1_368_000_000, until: 1_371_000_000 })
const TOKEN = 'a-secret-token'

async function writeInput(posts: readonly object[]): Promise<string> {
	const path = join(await temporaryFolder(), 'posts.ndjson')
	await writeFile(path, formatNdjson(posts))
	return path
}

async function onServer(url: string, token = TOKEN) {
	return testEffects({ env: { WHICHSUB_DATABASE_URL: url, WHICHSUB_DATABASE_TOKEN: token } })
}

describe.each(SERVERS)('a database on $name', ({ isThere, start }) => {
	it.skipIf(!isThere)(
		'is shared by those who ingest, and gives the snapshot that a file gives',
		async () => {
			const { url, token } = await start()
			const [first, second] = [await onServer(url, token), await onServer(url, token)]
			const halves = [await writeInput(corpus.slice(0, 7000)), await writeInput(corpus.slice(5000))]
			const [one, two] = await Promise.all([
				ingest({ files: [halves[0] as string], over18: false }, first),
				ingest({ files: [halves[1] as string], over18: false }, second),
			])
			expect(one.counts.added + two.counts.added).toBe(12_000)
			expect(one.counts.known + two.counts.known).toBe(2_000)
			const local = await testEffects()
			await ingest({ files: [await writeInput(corpus)], over18: false }, local)
			expect(await readPostStats(first)).toEqual(await readPostStats(local))
			const hashes = []
			for (const effects of [second, local]) {
				expect(await main(['snapshot', '--json'], effects)).toBe(0)
				hashes.push(JSON.parse(effects.said.out.at(-1) ?? '').hash)
			}
			expect(hashes[0]).toBe(hashes[1])
		},
	)

	it.skipIf(!isThere)('is pruned there', async () => {
		const { url, token } = await start()
		const effects = await onServer(url, token)
		await ingest({ files: [await writeInput(corpus)], over18: false }, effects)
		expect(await main(['posts', 'prune', '--keep-newest', '100', '--json'], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.join())).toEqual({ pruned: 11_200, kept: 800 })
	})

	it.skipIf(!isThere)('refuses another token, and it is not shown', async () => {
		const effects = await onServer((await start()).url, 'another-token')
		expect(await main(['posts', 'stats'], effects)).toBe(1)
		expect(effects.said.err).toEqual([
			expect.stringMatching(/^whichsub: database refused the token: .*WHICHSUB_DATABASE_TOKEN$/),
		])
		expect(effects.said.err.join()).not.toContain('another-token')
	})
})

describe('a database on a server', () => {
	it.each(['{"error":"Unauthorized"}', '{"message":"Unauthorized"}'])(
		'says that a token is refused, without showing it: %s',
		async (refusal) => {
			const url = await startDatabaseServer({ token: TOKEN, refusal })
			const effects = await onServer(url, 'another-token')
			expect(await main(['posts', 'stats'], effects)).toBe(1)
			expect(effects.said.err).toEqual([
				expect.stringMatching(/^whichsub: database refused the token: .*WHICHSUB_DATABASE_TOKEN$/),
			])
			expect(effects.said.err.join()).not.toContain('another-token')
		},
	)
})
