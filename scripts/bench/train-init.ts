// `npm run bench -- train-init`: a month later, what going on from the last model gives against training afresh.
import { join } from 'node:path'
import type { Effects } from '../lib/effects.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { prepareTraining, runTask } from './train-data.ts'

const THREADS = 2
const MAY_2013 = Date.UTC(2013, 4) / 1000
const JUNE_2013 = Date.UTC(2013, 5) / 1000

/** Trained until May, then May comes; all are tested on June. */
export const benchTrainInit: Benchmark = async (effects) => {
	const before = await prepareTraining(effects, { until: MAY_2013 })
	const all = await prepareTraining(effects, { until: JUNE_2013 })
	const may = await prepareTraining(effects, { from: MAY_2013, until: JUNE_2013 })
	const { testFile } = all
	const old = join(before.dir, 'old.bin')
	const measured = { testFile, effects }
	const figures = [
		...(await measure(
			'afresh until May',
			{ trainFile: before.trainFile, outputFile: old },
			measured,
		)),
		...(await measure('afresh until June', { trainFile: all.trainFile }, measured)),
	]
	for (const [name, trainFile] of [
		['all posts', all.trainFile],
		['the posts of May', may.trainFile],
	] as const)
		for (const learningRate of [1, 0.3]) {
			const task = { trainFile, initFile: old, parameters: { epochs: 1, learningRate } }
			const title = `--init, ${name}, 1 epoch, rate ${learningRate}`
			figures.push(...(await measure(title, task, measured)))
		}
	return figures
}

interface Training {
	readonly trainFile: string
	readonly outputFile?: string
	readonly initFile?: string
	readonly parameters?: object
}

async function measure(
	name: string,
	{ trainFile, initFile, ...task }: Training,
	{ testFile, effects }: { testFile: string; effects: Effects },
): Promise<Figure[]> {
	const outputFile = task.outputFile ?? join(effects.dataDir, 'next.bin')
	const parameters = { ...wasmTrainer.defaults, threads: THREADS, ...task.parameters }
	const job = { trainFile, outputFile, parameters, ...(initFile ? { initFile } : {}) }
	const { seconds = 0 } = await runTask('train', job)
	const { recall1 = 0, recall5 = 0 } = await runTask('measure', {
		modelFile: outputFile,
		testFile,
		threads: THREADS,
	})
	effects.err(`${name}: recall@1 ${recall1.toFixed(4)}, recall@5 ${recall5.toFixed(4)}`)
	const note = `${Math.round(seconds)} s, recall@1 ${recall1.toFixed(3)}`
	return [{ name: `recall@5, ${name}`, value: recall5, unit: '', note }]
}
