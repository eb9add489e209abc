// The posts that the benchmarks of the trainer train on, and its work in processes of their own.
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Effects } from '../lib/effects.ts'
import { snapshotDir } from '../lib/pipeline/outputs.ts'
import { formatCount } from '../lib/progress.ts'
import { type SnapshotOptions, writeSnapshot } from '../lib/snapshot/snapshot.ts'
import type { QuantizeJob, TrainJob } from '../lib/trainer/trainer.ts'
import { ingestSample } from './sample-posts.ts'

const JUNE_2013 = Date.UTC(2013, 5) / 1000
const JULY_2013 = Date.UTC(2013, 6) / 1000

const run = promisify(execFile)

export interface TrainingData {
	/** The snapshot's hash. */
	readonly snapshot: string
	readonly dir: string
	readonly trainFile: string
	readonly testFile: string
	readonly note: string
}

export async function prepareTraining(effects: Effects): Promise<TrainingData> {
	const { description, isReal: real } = await ingestSample(effects)
	const { snapshot } = await writeSnapshot(splitAtJune(real), effects)
	const dir = snapshotDir(effects, snapshot.hash)
	const { train, test, labels } = snapshot.counts
	const counts = `${formatCount(train)} posts, ${formatCount(labels)} labels; ${formatCount(test)} test posts`
	return {
		snapshot: snapshot.hash,
		dir,
		trainFile: join(dir, 'train.txt'),
		testFile: join(dir, 'test.txt'),
		note: `${counts}, ${real ? 'June 2013' : description}`,
	}
}

/** Trains on what is before June 2013 and tests on June; posts that are made are from no such months. */
export function splitAtJune(isReal: boolean): SnapshotOptions {
	const at = (seconds: number) => (isReal ? seconds : null)
	return {
		split: 'time',
		from: null,
		until: at(JUNE_2013),
		testFrom: at(JUNE_2013),
		testUntil: at(JULY_2013),
		testShare: 0.1,
		validationShare: 0.01,
		testPosts: 8,
		validationPosts: 2,
		minPosts: 30,
		seed: 1,
	}
}

/** What can be run, and what each is told. */
interface Tasks {
	readonly train: TrainJob
	readonly quantize: QuantizeJob
}

/** In a process of its own; figures by name, `peakBytes` among them. */
export async function runTask<Task extends keyof Tasks>(
	task: Task,
	job: Tasks[Task],
): Promise<Readonly<Record<string, number>>> {
	const script = resolve(import.meta.dirname, 'train-process.ts')
	const args = ['--import', 'tsx', script, task, JSON.stringify(job)]
	const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 })
	return JSON.parse(stdout)
}
