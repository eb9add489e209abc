// `npm run bench -- pipeline`: what a `run` costs that finds nothing to do, and one that looks at the posts for the first time.
import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../src/shared/app-error.ts'
import type { Effects } from '../lib/effects.ts'
import { runPipeline } from '../lib/run/run.ts'
import type { Benchmark } from './benchmark.ts'
import { ingestSample } from './sample-posts.ts'

const COMMANDS = resolve(import.meta.dirname, '../whichsub.mjs')
const ROUNDS = 5

// A model that is trained in no time: what is measured does not depend on how good it is.
const PARAMETERS = `train: { dim: 4, epochs: 1 }
quantize: { maxBytes: 2000000, retrain: false }
`

export const benchPipeline: Benchmark = async (effects) => {
	const { description } = await ingestSample(effects)
	const path = join(effects.dataDir, 'whichsub.yaml')
	await writeFile(path, PARAMETERS)
	const here = { ...effects, parametersFile: { path, isNamed: true } }
	await runPipeline({ step: 'evaluate', dryRun: false }, here)
	const nothing: number[] = []
	for (let round = 0; round < ROUNDS; round += 1) nothing.push(await timeRun(here))
	await rm(join(effects.dataDir, 'month-digests.json'))
	const posts = await timeRun(here)
	const note = `a process of its own; ${description}`
	return [
		{ name: 'run, nothing changed', value: median(nothing), unit: 's', note },
		{ name: 'run, all posts looked at', value: posts, unit: 's', note },
	]
}

async function timeRun({ dataDir, modelsDir, parametersFile }: Effects): Promise<number> {
	const options = ['--data', dataDir, '--models', modelsDir, '--parameters', parametersFile.path]
	const args = [COMMANDS, ...options, 'run', 'evaluate', '--json']
	const start = performance.now()
	const { stdout } = await promisify(execFile)(process.execPath, args)
	const seconds = (performance.now() - start) / 1000
	const { steps } = JSON.parse(stdout) as { steps: { ending: string }[] }
	if (steps.every(({ ending }) => ending === 'unchanged')) return seconds
	throw new AppError('conflict', 'something changed while the benchmark ran; run it again')
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
