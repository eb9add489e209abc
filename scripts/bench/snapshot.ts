// `npm run bench -- snapshot`: seconds from the database to training, validation and test files.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LABEL_PREFIX } from '../../src/model/training-text.ts'
import type { Effects } from '../lib/effects.ts'
import { formatCount } from '../lib/progress.ts'
import { makeSnapshot } from '../lib/snapshot/steps.ts'
import type { Benchmark } from './benchmark.ts'
import { ingestSample } from './sample-posts.ts'

export const benchSnapshot: Benchmark = async (effects) => {
	const { description } = await ingestSample(effects)
	const start = performance.now()
	const { snapshot } = await makeSnapshot(
		{
			split: 'time',
			from: null,
			until: null,
			testFrom: null,
			testUntil: null,
			testShare: 0.1,
			validationShare: 0.02,
			testPosts: 8,
			validationPosts: 2,
			minPosts: 30,
			seed: 1,
		},
		effects,
	)
	const seconds = (performance.now() - start) / 1000
	const { train, valid, test } = snapshot.counts
	const peer = await timePeer(effects)
	return [
		{
			name: 'snapshot',
			value: seconds,
			unit: 's',
			...(peer === null
				? {}
				: { peer: { name: 'sqlite3 printing the titles as they are', value: peer } }),
			note: `${formatCount(train + valid + test)} lines of ${description}`,
		},
	]
}

async function timePeer({ dataDir }: Effects): Promise<number | null> {
	const start = performance.now()
	const query = `SELECT '${LABEL_PREFIX}' || subreddit || ' ' || title FROM posts ORDER BY created_utc`
	try {
		await promisify(execFile)('sh', [
			'-c',
			'sqlite3 "$0" "$1" > "$2"',
			join(dataDir, 'posts.db'),
			query,
			join(dataDir, 'peer.txt'),
		])
	} catch {
		return null
	}
	return (performance.now() - start) / 1000
}
