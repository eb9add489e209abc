// `npm run bench -- posts`: the same made posts in SQLite and in ClickHouse, side by side: written, made into a snapshot, read by
// month as drift does, looked at by `run`, and copied out of SQLite. Both must give the same snapshot.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as v from 'valibot'
import { AppError } from '../../src/shared/app-error.ts'
import { formatCount } from '../../src/shared/numbers.ts'
import { parseJsonWith } from '../../src/shared/parse.ts'
import { Sha256 } from '../../src/shared/schema-parts.ts'
import type { Effects } from '../lib/effects.ts'
import { POSTS } from '../lib/posts/clickhouse/tables.ts'
import { readMonthDigests } from '../lib/posts/month-digests.ts'
import { makePosts, openPosts } from '../lib/posts/open-posts.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import {
	CLICKHOUSE_TOKEN,
	type ClickHouseServer,
	findClickHouse,
	INSTALL_CLICKHOUSE,
	startClickHouse,
} from './clickhouse-server.ts'
import { writeMadePosts } from './made-posts.ts'
import { timeCommand } from './own-process.ts'

const ROWS = 500_000
const ALL = { from: null, until: null }
/** The last of the three months that made posts are of. */
const DECEMBER = { from: Date.UTC(2025, 11) / 1000, until: Date.UTC(2026, 0) / 1000 }

type Measured = Readonly<Record<string, { readonly value: number; readonly unit: string }>>

interface MeasuredStore {
	readonly measured: Measured
	/** Digest of the snapshot that was made. */
	readonly snapshot: string
}

const SnapshotHash = v.object({ hash: Sha256 })

export const benchPosts: Benchmark = async (effects, { rows = ROWS }) => {
	const dataDir = join(effects.dataDir, 'sqlite')
	const { measured: made, snapshot } = await measure({ ...effects, dataDir }, rows)
	const { size } = await stat(join(dataDir, 'posts.db'))
	const to = pathToFileURL(join(effects.dataDir, 'copy.db')).href
	const copied = await measureCopy(dataDir, to, effects)
	await rm(join(effects.dataDir, 'copy.db'))
	const one = { ...made, ...copied, 'on disk': { value: size / rows, unit: 'bytes a post' } }
	const note = `${formatCount(rows)} made posts`
	if (!findClickHouse()) {
		effects.err(`no ClickHouse here: ${INSTALL_CLICKHOUSE}`)
		return Object.entries(one).map(([name, found]) => ({ name: `posts: ${name}`, ...found, note }))
	}
	const server = await startClickHouse()
	try {
		const copied = await measureCopy(dataDir, server.url, effects)
		await server.clear()
		const found = await measureClickHouse(effects, server, rows)
		if (found.snapshot !== snapshot)
			throw new AppError('bad-data', `snapshots differ: ${snapshot} and ${found.snapshot}`)
		effects.err(`the same snapshot in both: ${snapshot}`)
		const other = { ...copied, ...found.measured }
		return Object.entries(other).map(([name, found]): Figure => {
			const peer = { name: 'SQLite', value: one[name as keyof typeof one]?.value ?? 0 }
			return { name: `ClickHouse: ${name}`, ...found, peer, note }
		})
	} finally {
		await server.close()
	}
}

/** Out of SQLite, into either. */
async function measureCopy(dataDir: string, to: string, { err }: Effects) {
	const { seconds, cpuSeconds, peakBytes } = await timeCommand(
		['--data', dataDir, 'posts', 'copy', '--to', to],
		{ WHICHSUB_TO_TOKEN: CLICKHOUSE_TOKEN },
	)
	const copied = {
		'copied out of SQLite': { value: seconds, unit: 's' },
		'copied out of SQLite, processor time of Node': { value: cpuSeconds, unit: 's' },
		'copied out of SQLite, peak of Node': { value: peakBytes / 1e6, unit: 'MB' },
	}
	for (const [name, { value, unit }] of Object.entries(copied))
		err(`${name} to ${new URL(to).protocol} ${value} ${unit}`)
	return copied
}

async function measureClickHouse(
	effects: Effects,
	server: ClickHouseServer,
	rows: number,
): Promise<MeasuredStore> {
	const settings = {
		WHICHSUB_DATABASE_URL: server.url,
		WHICHSUB_DATABASE_TOKEN: CLICKHOUSE_TOKEN,
	}
	const dataDir = join(effects.dataDir, 'clickhouse')
	const { measured, snapshot } = await measure(
		{ ...effects, dataDir, env: { ...effects.env, ...settings } },
		rows,
		settings,
	)
	const bytes = await server.ask(
		`SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = '${POSTS}'`,
	)
	const onDisk = { value: Number(bytes) / rows, unit: 'bytes a post' }
	return { measured: { ...measured, 'on disk': onDisk }, snapshot }
}

async function measure(
	effects: Effects,
	rows: number,
	env: Readonly<Record<string, string>> = {},
): Promise<MeasuredStore> {
	const measured: Record<string, { readonly value: number; readonly unit: string }> = {}
	// Told at once: with many posts, an hour may pass until the last figure is there.
	const note = (name: string, value: number, unit = 's') => {
		measured[name] = { value, unit }
		effects.err(`${env.WHICHSUB_DATABASE_URL ? 'ClickHouse' : 'SQLite'}: ${name}: ${value} ${unit}`)
	}
	const timed = async (name: string, work: () => Promise<unknown>) => note(name, await time(work))
	await timed('made and written', async () => {
		const store = await makePosts(effects)
		await writeMadePosts(store, rows)
		store.close()
	})
	const snapshot = await timeCommand(
		['--data', effects.dataDir, 'snapshot', '--max-posts', '100', '--json'],
		env,
	)
	note('snapshot with a cap', snapshot.seconds)
	note('snapshot with a cap, peak of Node', snapshot.peakBytes / 1e6, 'MB')
	await timed('a month of three, read as drift does', async () => {
		const store = await openPosts(effects)
		let read = 0
		for await (const page of store.readPages(DECEMBER)) read += page.length
		store.close()
		if (read === 0) throw new AppError('bad-data', 'no posts of December were read')
	})
	// The snapshot has looked at them already.
	await rm(join(effects.dataDir, 'month-digests.json'), { force: true })
	await timed('digests of the months, the first time', () => readMonthDigests(ALL, effects))
	await timed('digests of the months, nothing changed', () => readMonthDigests(ALL, effects))
	const { hash } = parseJsonWith(SnapshotHash, snapshot.stdout, 'what snapshot --json prints')
	return { measured, snapshot: hash }
}

async function time(work: () => Promise<unknown>): Promise<number> {
	const start = performance.now()
	await work()
	return (performance.now() - start) / 1000
}
