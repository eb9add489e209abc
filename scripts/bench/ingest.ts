// `npm run bench -- ingest`: rows a second into the database, full-width and narrow, beside programs that read the same file.
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../src/shared/app-error.ts'
import { formatCount } from '../../src/shared/numbers.ts'
import type { Effects } from '../lib/effects.ts'
import type { IngestCounts } from '../lib/posts/ingest.ts'
import { createPostScanner } from '../lib/posts/post-scanner.ts'
import { formatBytes, formatSeconds } from '../lib/progress.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { type Timed, timeCommand, timeShell } from './own-process.ts'
import { samplePosts } from './sample-posts.ts'
import { type WideFile, writeWideRows } from './wide-rows.ts'

const WIDE_ROWS = 1_000_000
/** What a post is made of, and the text that may say that it is gone. */
const FIELDS = '{id,created_utc,subreddit,title,score,num_comments,over_18,selftext}'

// The same columns, each id once; the dump's own line is the only column of what is read.
const SQLITE_SCRIPT = `PRAGMA journal_mode = WAL;
CREATE TABLE posts (id TEXT PRIMARY KEY, created_utc INTEGER, subreddit TEXT, title TEXT, score INTEGER,
	num_comments INTEGER, over_18 INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE lines (line TEXT);
.mode ascii
.separator "\\001" "\\n"
.import /dev/stdin lines
INSERT OR IGNORE INTO posts SELECT line->>'id', line->>'created_utc', line->>'subreddit', line->>'title',
	line->>'score', line->>'num_comments', line->>'over_18' FROM lines WHERE NOT line->>'over_18';
SELECT count(*) FROM posts;`

export const benchIngest: Benchmark = async (effects, { rows = WIDE_ROWS }) => {
	// Compiled once for each version of its sources, which is no part of reading.
	await createPostScanner()
	return [...(await benchWide(effects, rows)), ...(await benchNarrow(effects))]
}

async function benchWide(effects: Effects, rows: number): Promise<Figure[]> {
	const file = await writeWideRows(join(effects.dataDir, 'wide.zst'), rows)
	const args = [file.path]
	const peers = {
		'zstd -dc | wc -c': await timeShell('zstd -dcq --long=31 "$1" | wc -c', {
			programs: ['zstd', 'wc'],
			args,
		}),
		'jq -c of eight fields': await timeShell(
			`zstd -dcq --long=31 "$1" | jq -c '${FIELDS}' | wc -c`,
			{
				programs: ['zstd', 'jq'],
				args,
			},
		),
	}
	const note = `${formatCount(rows)} full-width rows of ${Math.round(file.bytes / rows)} bytes, made`
	return measure(
		{ name: 'ingest, full-width rows', files: [file.path], peers, note },
		effects,
		file,
	)
}

async function benchNarrow(effects: Effects): Promise<Figure[]> {
	const { files, description } = await samplePosts(effects)
	const script = join(effects.dataDir, 'peer.sql')
	await writeFile(script, SQLITE_SCRIPT)
	const reader = files.every((file) => file.endsWith('.zst')) ? 'zstdcat' : 'cat'
	const line = `database=$1 script=$2; shift 2; ${reader} "$@" | sqlite3 -batch "$database" ".read $script"`
	const sqlite = await timeShell(line, {
		programs: [reader, 'sqlite3'],
		args: [join(effects.dataDir, 'peer.db'), script, ...files],
	})
	const peers = { [`${reader} | sqlite3`]: sqlite }
	return measure({ name: 'ingest, narrow rows', files, peers, note: description }, effects)
}

interface Work {
	readonly name: string
	readonly files: readonly string[]
	/** Null where a program is missing. */
	readonly peers: Readonly<Record<string, Timed | null>>
	readonly note: string
}

/** Beside each peer once by the clock and once by processor time: a busy machine lengthens the one that waits more. */
async function measure(
	{ name, files, peers, note }: Work,
	{ dataDir }: Effects,
	file?: WideFile,
): Promise<Figure[]> {
	const data = join(dataDir, name.replaceAll(/\W+/g, '-'))
	const own = await timeCommand(['--data', data, 'ingest', '--json', ...files])
	const { read, added } = JSON.parse(own.stdout) as IngestCounts
	if (!(added > 0)) throw new AppError('bad-data', `nothing was added: ${own.stdout}`)
	const figures: Figure[] = []
	for (const [peer, timed] of Object.entries(peers)) {
		if (!timed)
			figures.push({ name, value: read / own.seconds, unit: 'rows/s', note: `no ${peer} here` })
		else
			for (const [how, key] of [
				['', 'seconds'],
				[', processor time', 'cpuSeconds'],
			] as const)
				figures.push({
					name: `${name}${how}`,
					value: read / own[key],
					unit: 'rows/s',
					peer: { name: peer, value: read / timed[key] },
					note: `${formatSeconds(own[key])} for ${note}`,
				})
	}
	const { size } = await stat(join(data, 'posts.db'))
	const unpacked = file ? `of ${formatBytes(file.bytes)} unpacked` : note
	return [
		...figures,
		{
			name: `${name}: peak memory`,
			value: own.peakBytes / 1e6,
			unit: 'MB',
			note: 'the whole process',
		},
		{
			name: `${name}: posts.db`,
			value: size / added,
			unit: 'bytes a post',
			note: `${formatBytes(size)} ${unpacked}`,
		},
	]
}
