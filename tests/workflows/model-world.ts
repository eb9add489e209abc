// What the workflows of the model start from: a repository with small parameters and a release that production serves, and posts on
// a database server.
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Effects } from '../../scripts/lib/effects.ts'
import { openPostsDatabase } from '../../scripts/lib/posts/database.ts'
import { openSource } from '../../scripts/lib/posts/sqlite/source-rows.ts'
import { writePosts } from '../../scripts/lib/posts/write-posts.ts'
import { main } from '../../scripts/main.ts'
import { CORPUS_FROM, CORPUS_UNTIL, fillDatabase } from '../fixtures/candidate.ts'
import { makeCorpus } from '../fixtures/corpus.ts'
import { serveDatabase } from '../fixtures/database-server.ts'
import { effectsIn } from '../fixtures/effects.ts'
import { makeOnce } from '../fixtures/made-once.ts'
import { World } from './world.ts'

export const TOKEN = 'a-token-of-the-tests'
export const FIRST = '20130705.0'
export const MINUTES = 60_000

const PARAMETERS = `
snapshot: { until: 2013-06-01, testFrom: 2013-06-01, testUntil: 2013-07-01, validationShare: 0.1, minPosts: 2 }
train: { dim: 8, epochs: 3, threads: 1 }
quantize: { maxBytes: 100000, threads: 1 }
gate: { recallMargin: 0.05, maxCalibrationError: 0.3, groupMargin: 0.1 }
groups: { pets: [cats] }
retrain: { maxShareRise: 1 }
`

/** What the first commit has beside this project's files: small parameters, and a release that production serves. */
async function fill(checkout: string): Promise<void> {
	await writeFile(join(checkout, 'whichsub.yaml'), PARAMETERS)
	const effects: Effects = {
		...effectsIn(join(checkout, '.data'), { now: () => new Date('2013-07-05T12:00:00Z') }),
		modelsDir: join(checkout, 'public/models'),
		parametersFile: { path: join(checkout, 'whichsub.yaml'), isNamed: true },
	}
	await fillDatabase(effects)
	for (const args of [
		['run', 'evaluate'],
		['release', 'publish'],
		['release', 'promote', FIRST],
	])
		if ((await main(args, effects)) !== 0) throw new Error(`${args.join(' ')} failed`)
}

/** The world of the tests of a file, once it is made. */
export interface ModelWorld {
	readonly world: World
	/** Secrets of the repository: where its posts are. */
	readonly secrets: Readonly<Record<string, string>>
	addPosts(posts: ReturnType<typeof makeCorpus>): Promise<void>
}

export function useModelWorld(): () => ModelWorld {
	let made: (ModelWorld & { close(): Promise<void> }) | null = null
	const current = () => {
		if (!made) throw new Error('the world is not made yet')
		return made
	}
	beforeAll(async () => {
		made = await makeWorld()
	}, 10 * MINUTES)
	afterAll(() => made?.close())
	beforeEach(() => {
		const { github } = current().world
		github.comments.length = 0
		github.pullRequests.length = 0
		github.started.length = 0
	})
	return current
}

async function makeWorld() {
	const first = await makeOnce('first-commit', fill)
	const database = await serveDatabase({ token: TOKEN })
	const secrets = { WHICHSUB_DATABASE_URL: database.url, WHICHSUB_DATABASE_TOKEN: TOKEN }
	const world = await World.create(async (checkout) => {
		await mkdir(join(checkout, 'public'), { recursive: true })
		for (const path of ['whichsub.yaml', 'whichsub.lock', 'public/models'])
			await cp(join(first, path), join(checkout, path), { recursive: true })
	})
	const addPosts = async (posts: ReturnType<typeof makeCorpus>) => {
		const effects = effectsIn('unused', { env: secrets })
		const opened = await openPostsDatabase(effects)
		const rows = posts.map((post) => ({ ...post, retrieved_utc: null }))
		await writePosts(opened, rows, await openSource(opened, 'test', effects.now()))
		opened.close()
	}
	await addPosts(makeCorpus({ postsPerSubreddit: 60, from: CORPUS_FROM, until: CORPUS_UNTIL }))
	// A few days after the test posts: what drift looks at.
	const days = { from: CORPUS_UNTIL, until: CORPUS_UNTIL + 5 * 86_400 }
	await addPosts(makeCorpus({ postsPerSubreddit: 20, ...days, seed: 2, idPrefix: 'newer' }))
	const close = async () => {
		await world.close()
		await database.close()
	}
	return { world, secrets, addPosts, close }
}
