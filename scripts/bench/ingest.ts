// `npm run bench -- ingest`: posts a second into the database, beside zstdcat piped into sqlite3.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Effects } from '../lib/effects.ts'
import { ingest } from '../lib/posts/ingest.ts'
import { formatBytes, formatSeconds } from '../lib/progress.ts'
import type { Benchmark } from './benchmark.ts'
import { samplePosts } from './sample-posts.ts'

const PEER = 'zstdcat | sqlite3'
const MEMORY_SAMPLE_MS = 50

// The same columns, each id once; the dump's own line is the only column of what is read.
const PEER_SCRIPT = `PRAGMA journal_mode = WAL;
CREATE TABLE posts (id TEXT PRIMARY KEY, created_utc INTEGER, subreddit TEXT, title TEXT, score INTEGER,
	num_comments INTEGER, over_18 INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE lines (line TEXT);
.mode ascii
.separator "\\001" "\\n"
.import /dev/stdin lines
INSERT OR IGNORE INTO posts SELECT line->>'id', line->>'created_utc', line->>'subreddit', line->>'title',
	line->>'score', line->>'num_comments', line->>'over_18' FROM lines WHERE NOT line->>'over_18';
SELECT count(*) FROM posts;`

export const benchIngest: Benchmark = async (effects) => {
	const { files, description } = await samplePosts(effects)
	const baseBytes = process.memoryUsage.rss()
	const memory = watchMemory()
	const start = performance.now()
	const { counts } = await ingest({ files, over18: false }, effects)
	const seconds = (performance.now() - start) / 1000
	const peakBytes = memory.stop()
	const peerSeconds = await timePeer(files, effects)
	return [
		{
			name: 'ingest',
			value: counts.read / seconds,
			unit: 'posts/s',
			...(peerSeconds === null ? {} : { peer: { name: PEER, value: counts.read / peerSeconds } }),
			note: `${formatSeconds(seconds)} for ${description}${peerSeconds === null ? `; no ${PEER} here` : ''}`,
		},
		{
			name: 'ingest: peak memory',
			value: peakBytes / 1e6,
			unit: 'MB',
			note: `the whole process, which had ${formatBytes(baseBytes)} before it began`,
		},
	]
}

/** Seconds, or null where one of the two is missing. */
async function timePeer(files: readonly string[], { dataDir }: Effects): Promise<number | null> {
	const run = promisify(execFile)
	const reader = files.every((file) => file.endsWith('.zst')) ? 'zstdcat' : 'cat'
	try {
		await run('sh', ['-c', 'command -v sqlite3 && command -v "$0"', reader])
	} catch {
		return null
	}
	const script = join(dataDir, 'peer.sql')
	await writeFile(script, PEER_SCRIPT)
	const env = { ...process.env, READER: reader, DATABASE: join(dataDir, 'peer.db') }
	const command = '"$READER" "$@" | sqlite3 -batch "$DATABASE" ".read $0"'
	const start = performance.now()
	const { stdout } = await run('sh', ['-c', command, script, ...files], { env })
	const seconds = (performance.now() - start) / 1000
	if (!(Number(stdout.trim().split('\n').at(-1)) > 0)) throw new Error(`the peer failed: ${stdout}`)
	return seconds
}

/** The largest resident set of this process, sampled until `stop`. */
function watchMemory(): { stop(): number } {
	let peak = 0
	const sample = () => {
		peak = Math.max(peak, process.memoryUsage.rss())
	}
	const timer = setInterval(sample, MEMORY_SAMPLE_MS)
	return {
		stop: () => {
			clearInterval(timer)
			sample()
			return peak
		},
	}
}
