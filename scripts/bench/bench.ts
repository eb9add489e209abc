// `npm run bench [-- NAME…] [--json]`: measures the parts in one run and prints figures beside their peers.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Argument, Command } from '@commander-js/extra-typings'
import { processEffects } from '../lib/effects.ts'
import { describeMachine } from '../lib/executions.ts'
import { formatBytes } from '../lib/progress.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { benchEvaluate } from './evaluate.ts'
import { benchIngest } from './ingest.ts'
import { benchPage } from './page.ts'
import { benchSnapshot } from './snapshot.ts'
import { benchTrain } from './train.ts'
import { benchTrainScale } from './train-scale.ts'

const benchmarks: Readonly<Record<string, Benchmark>> = {
	ingest: benchIngest,
	snapshot: benchSnapshot,
	evaluate: benchEvaluate,
	page: benchPage,
	train: benchTrain,
	'train-scale': benchTrainScale,
}

const names = Object.keys(benchmarks)
const program = new Command('bench')
	.description('measure the parts in one run, each beside a named peer')
	.addArgument(new Argument('[names...]', 'what to measure; all by default').choices(names))
	.option('--json', 'print one JSON object')
	.parse()

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
const dataDir = await mkdtemp(join(tmpdir(), 'whichsub-bench-'))
try {
	const effects = processEffects(
		{ dataDir, modelsDir: resolve(import.meta.dirname, '../../public/models') },
		interrupt.signal,
	)
	const figures: Figure[] = []
	for (const name of program.processedArgs[0]?.length ? program.processedArgs[0] : names) {
		effects.err(`measuring ${name} …`)
		figures.push(...((await benchmarks[name]?.(effects)) ?? []))
	}
	effects.out(
		program.opts().json
			? JSON.stringify({ machine: describeMachine(), figures })
			: [formatMachine(), ...figures.map(formatFigure)].join('\n'),
	)
} finally {
	await rm(dataDir, { recursive: true, force: true })
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
