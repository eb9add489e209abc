// `npm run bench -- snapshot`: seconds and memory from the database to training, validation and test files.
import { join } from 'node:path'
import { LABEL_PREFIX } from '../../src/model/training-text.ts'
import { formatCount } from '../../src/shared/numbers.ts'
import { makePosts } from '../lib/posts/open-posts.ts'
import { formatSeconds } from '../lib/progress.ts'
import type { Benchmark } from './benchmark.ts'
import { writeMadePosts } from './made-posts.ts'
import { timeCommand, timeShell } from './own-process.ts'

const POSTS = 500_000
const QUERY = `SELECT '${LABEL_PREFIX}' || subreddit || ' ' || title FROM posts ORDER BY created_utc`

export const benchSnapshot: Benchmark = async (effects, { rows = POSTS }) => {
	const dataDir = join(effects.dataDir, 'snapshot')
	const store = await makePosts({ ...effects, dataDir })
	await writeMadePosts(store, rows)
	store.close()
	const snapshot = (seed: string) =>
		timeCommand(['--data', dataDir, 'snapshot', '--seed', seed, '--json'])
	const own = await snapshot('1')
	// The months are known by now, as they are to whoever tries other parameters.
	const again = await snapshot('2')
	const { train, valid, test } = (JSON.parse(own.stdout) as { counts: Record<string, number> })
		.counts
	const sqlite = await timeShell('sqlite3 "$1" "$2" > "$3"', {
		programs: ['sqlite3'],
		args: [join(dataDir, 'posts.db'), QUERY, join(dataDir, 'peer.txt')],
	})
	const lines = (train ?? 0) + (valid ?? 0) + (test ?? 0)
	const note = `${formatCount(lines)} lines of ${formatCount(rows)} made posts`
	const peerName = 'sqlite3 printing the titles as they are'
	const peer = (seconds: number | undefined) =>
		seconds === undefined ? {} : { peer: { name: peerName, value: seconds } }
	return [
		{ name: 'snapshot', value: own.seconds, unit: 's', ...peer(sqlite?.seconds), note },
		{
			name: 'snapshot, processor time',
			value: own.cpuSeconds,
			unit: 's',
			...peer(sqlite?.cpuSeconds),
			note: `by the clock ${formatSeconds(own.seconds)}`,
		},
		{
			name: 'snapshot, months known',
			value: again.seconds,
			unit: 's',
			...peer(sqlite?.seconds),
			note: `processor time ${formatSeconds(again.cpuSeconds)}`,
		},
		{ name: 'snapshot: peak memory', value: own.peakBytes / 1e6, unit: 'MB', note },
		{
			name: 'snapshot: memory',
			value: own.peakBytes / rows,
			unit: 'bytes a post',
			note: 'Node itself included',
		},
	]
}
