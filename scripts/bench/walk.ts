// `npm run bench -- walk`: a made month of full-width rows, from the packed file to a trained and packed model, by the commands
// that people give.
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatCount } from '../../src/shared/numbers.ts'
import type { IngestCounts } from '../lib/posts/ingest.ts'
import { formatBytes } from '../lib/progress.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { timeCommand } from './own-process.ts'
import { writeWideRows } from './wide-rows.ts'

const ROWS = 300_000
const PER_SUBREDDIT = 2_000

/** What is measured is the way, so the model is a small one. */
const PARAMETERS = `train: { dim: 16, epochs: 2 }
quantize: { maxBytes: 4000000 }
`

export const benchWalk: Benchmark = async (effects, { rows = ROWS, posts }) => {
	const dataDir = join(effects.dataDir, 'walk')
	const parameters = join(effects.dataDir, 'walk.yaml')
	await writeFile(parameters, PARAMETERS)
	const [path = (await writeWideRows(join(effects.dataDir, 'month.zst'), rows)).path] = posts ?? []
	const whichsub = (...args: string[]) =>
		timeCommand(['--data', dataDir, '--parameters', parameters, ...args])
	const figures: Figure[] = []
	const step = async (name: string, note: string, ...args: string[]) => {
		effects.err(`${name} …`)
		const { stdout, ...own } = await whichsub(...args)
		const used = `${own.cpuSeconds.toFixed(0)} s of processor time, peak ${formatBytes(own.peakBytes)}`
		figures.push({ name: `walk: ${name}`, value: own.seconds, unit: 's', note: `${used}; ${note}` })
		return stdout
	}
	const { size: packed } = await stat(path)
	const limit = ['--per-subreddit', `${PER_SUBREDDIT}`]
	const month = `${formatBytes(packed)} packed`
	const counts = JSON.parse(
		await step('ingest', month, 'ingest', ...limit, '--json', path),
	) as IngestCounts
	const { size } = await stat(join(dataDir, 'posts.db'))
	const kept = `${formatCount(counts.added)} of ${formatCount(counts.read)} posts kept, posts.db ${formatBytes(size)}`
	await step('snapshot', kept, 'snapshot', '--json')
	await step('train', 'dim 16, 2 epochs', 'train', '--json')
	await step('quantize', 'at most 4 MB', 'quantize', '--json')
	return figures
}
