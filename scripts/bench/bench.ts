// `npm run bench [-- NAME…] [--json]`: measures the parts in one run and prints figures beside their peers.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Argument, Command } from '@commander-js/extra-typings'
import { AppError } from '../../src/shared/app-error.ts'
import { ensurePageBuilt } from '../dev/build-page.ts'
import { type Effects, processEffects } from '../lib/effects.ts'
import { asCount } from '../lib/flag-values.ts'
import { describeMachine } from '../lib/pipeline/machine.ts'
import { formatBytes } from '../lib/progress.ts'
import { benchApi } from './api.ts'
import type { Benchmark, BenchmarkOptions, Figure, TabledFigures } from './benchmark.ts'
import { benchEvaluate } from './evaluate.ts'
import { benchIngest } from './ingest.ts'
import { benchPage } from './page.ts'
import { benchPipeline } from './pipeline.ts'
import { benchPoison } from './poison.ts'
import { benchPosts } from './posts.ts'
import { benchQuality } from './quality.ts'
import { benchSnapshot } from './snapshot.ts'
import { benchTrain } from './train.ts'
import { benchTrainScale } from './train-scale.ts'
import { benchUnseen } from './unseen.ts'
import { benchWalk } from './walk.ts'

const benchmarks: Readonly<Record<string, Benchmark>> = {
	ingest: benchIngest,
	snapshot: benchSnapshot,
	evaluate: benchEvaluate,
	api: benchApi,
	quality: benchQuality,
	page: benchPage,
	pipeline: benchPipeline,
	poison: benchPoison,
	posts: benchPosts,
	train: benchTrain,
	'train-scale': benchTrainScale,
	unseen: benchUnseen,
	walk: benchWalk,
}

/** Minutes to an hour each: measured when they are named. */
const LONG = ['pipeline', 'poison', 'posts', 'quality', 'train', 'train-scale', 'unseen', 'walk']

const names = Object.keys(benchmarks)
const program = new Command('bench')
	.description('measure parts of whichsub in one run, each beside a peer such as zstd or fastText')
	.addArgument(
		new Argument(
			'[names...]',
			`what to measure; quality measures page, too (default: all but ${LONG.join(', ')})`,
		).choices(names),
	)
	.option('--json', 'print one JSON object')
	.option('--chart <file>', 'train: draw recall against size into this file, as docs/sizes.svg')
	.option(
		'--posts <file...>',
		'quality: dumps to measure on, which the releases have not learnt; walk: the month',
	)
	.option('--sample <number>', 'quality: measure on this many posts, drawn at random', asCount)
	.option(
		'--rows <number>',
		'ingest, snapshot, posts, train-scale, walk: make this many rows or posts',
		asCount,
	)
	.option(
		'--make-twins',
		'quality: make the twin of a release again if it is not in the data folder; takes minutes',
	)
	.option('--data <dir>', 'quality: folder of the local data', process.env.WHICHSUB_DATA ?? '.data')
	.parse()

const named = program.processedArgs[0]?.length
	? program.processedArgs[0]
	: names.filter((name) => !LONG.includes(name))
// How good a release is is also how fast the page answers with it.
const chosen = [...new Set(named.flatMap((name) => (name === 'quality' ? [name, 'page'] : [name])))]
const { json, data, ...given } = program.opts()
const ROOT = resolve(import.meta.dirname, '../..')
const options: BenchmarkOptions = {
	...given,
	data: { dataDir: resolve(ROOT, data), recordsDir: join(ROOT, 'executions') },
}
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
const dataDir = await mkdtemp(join(tmpdir(), 'whichsub-bench-'))
try {
	const modelsDir = join(ROOT, 'public/models')
	await measure(processEffects({ dataDir, modelsDir }, interrupt.signal))
} finally {
	await rm(dataDir, { recursive: true, force: true })
}

/** Figures are printed as they come: what was measured is not lost to what fails later. */
async function measure(effects: Effects): Promise<void> {
	if (!json) effects.out(formatMachine())
	const all: Figure[] = []
	for (const name of chosen) {
		effects.err(`measuring ${name} …`)
		const { figures, text } = await tryBenchmark(name, effects)
		all.push(...figures)
		if (!json && text !== '') effects.out(text)
	}
	if (json) effects.out(JSON.stringify({ machine: describeMachine(), figures: all }))
}

async function tryBenchmark(name: string, effects: Effects): Promise<TabledFigures> {
	try {
		if (name === 'page') await ensurePageBuilt()
		const found = (await benchmarks[name]?.(effects, options)) ?? []
		return 'text' in found ? found : { figures: found, text: found.map(formatFigure).join('\n') }
	} catch (error) {
		if (!(error instanceof AppError) || error.code === 'aborted') throw error
		effects.err(`${name} was not measured: ${error.message}`)
		process.exitCode = 1
		return { figures: [], text: '' }
	}
}

function formatMachine(): string {
	const { platform, arch, cpus, memoryBytes, node } = describeMachine()
	return `${platform} ${arch}, ${cpus} cores, ${formatBytes(memoryBytes)}, Node ${node}`
}

function formatFigure({ name, value, unit, peer, note }: Figure): string {
	const parts = [name.padEnd(36), `${formatNumber(value)} ${unit}`.padStart(20)]
	if (peer) {
		const ratio = value / peer.value
		parts.push(`${ratio.toFixed(2)} × ${peer.name} (${formatNumber(peer.value)} ${unit})`)
	}
	if (note) parts.push(note)
	return parts.join('  ')
}

function formatNumber(value: number): string {
	return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
}
