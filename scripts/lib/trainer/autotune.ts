// Looks for good parameters in a given time: many on few posts, the better ones on more (successive halving; Jamieson and
// Talwalkar 2016). Each trial is a line of a file, so that a search that was stopped goes on where it was.
import { appendFile, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { exists, makeFolder, readTextFile, temporaryPath, writeFileAtomic } from '../files.ts'
import type { TrainParameters } from '../pipeline/recipes.ts'
import { createRandom } from '../snapshot/random.ts'
import { measureModelFile } from './measure.ts'
import type { Trainer } from './trainer.ts'

/** Parameters that matter, with the values that are worth a trial. */
const CHOICES = {
	learningRate: [0.25, 0.5, 0.7, 1, 1.5],
	epochs: [2, 3, 4, 5],
	minCount: [2, 3, 5],
	dim: [64, 100, 150],
	negatives: [32, 64, 128, 256],
} as const
const DRAWS = 1_000
const KEEP_ALIVE_MS = 5 * 60 * 1000
/** One line in so many is trained on; and how many candidates there are for it. */
const RUNGS = [
	{ every: 16, candidates: 16 },
	{ every: 4, candidates: 5 },
	{ every: 1, candidates: 2 },
] as const

const Trial = v.object({
	every: v.number(),
	parameters: v.object({
		learningRate: v.number(),
		epochs: v.number(),
		minCount: v.number(),
		dim: v.number(),
		negatives: v.number(),
	}),
	recall5: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1)),
	seconds: v.number(),
})
type Trial = v.InferOutput<typeof Trial>
type Candidate = Trial['parameters']

export interface TuneJob {
	readonly trainFile: string
	readonly validationFile: string
	/** Where trials are recorded, one JSON object a line. */
	readonly trialsFile: string
	/** Starting point, and what the search does not touch. */
	readonly parameters: TrainParameters
	/** Names of those that stay as they are, although a search would try others. */
	readonly given?: readonly (keyof TrainParameters)[]
	readonly seconds: number
}

/**
 * @returns the parameters with the best recall@5 on the validation file, of those that got furthest
 * @throws AppError `bad-data` where the validation file is empty, `timeout` where no trial ended in time
 */
export async function tune(
	trainer: Trainer,
	job: TuneJob,
	effects: Effects,
): Promise<TrainParameters> {
	const deadline = performance.now() + job.seconds * 1000
	const trials = await readTrials(job.trialsFile)
	return inScratchFolder(dirname(job.trialsFile), async (dir) => {
		let candidates = drawCandidates(job, RUNGS[0].candidates)
		let best: Trial | null = null
		for (const { every, candidates: count } of RUNGS) {
			const trainFile = await thinFile(job.trainFile, join(dir, `train-${every}.txt`), every)
			const done: Trial[] = []
			for (const parameters of candidates.slice(0, count)) {
				const known = trials.find((trial) => isSame(trial, { every, parameters }))
				if (!known && performance.now() > deadline) break
				const trial =
					known ??
					(await runTrial(
						trainer,
						{ ...job, trainFile, every, candidate: parameters, dir },
						effects,
					))
				if (!known) await appendFile(job.trialsFile, `${JSON.stringify(trial)}\n`)
				done.push(trial)
			}
			done.sort((a, b) => b.recall5 - a.recall5)
			// A rung that was not finished says nothing about those that it did not come to.
			if (done[0] && (done.length === Math.min(count, candidates.length) || !best)) best = done[0]
			candidates = done.map(({ parameters }) => parameters)
			if (performance.now() > deadline) break
		}
		if (!best)
			throw new AppError('timeout', `no trial ended in ${job.seconds} s; give it more time`)
		effects.err(`best of ${job.trialsFile}: ${formatTrial(best)}`)
		return { ...job.parameters, ...best.parameters }
	})
}

/** Its name is one that `removeDataLeftovers` knows, should a kill leave it behind. */
async function inScratchFolder<T>(parent: string, work: (dir: string) => Promise<T>): Promise<T> {
	const dir = temporaryPath(join(parent, 'trials'))
	await makeFolder(dir)
	// A trial may write nothing for an hour, and must not be taken for a leftover meanwhile.
	const timer = setInterval(() => {
		const now = new Date()
		utimes(dir, now, now).catch(() => {})
	}, KEEP_ALIVE_MS).unref()
	try {
		return await work(dir)
	} finally {
		clearInterval(timer)
		await rm(dir, { recursive: true, force: true })
	}
}

async function readTrials(path: string): Promise<Trial[]> {
	if (!(await exists(path))) return []
	const lines = (await readTextFile(path, 'trials')).split('\n').filter(Boolean)
	return lines.map((line, index) => parseJsonWith(Trial, line, `${path}:${index + 1}`))
}

interface TrialJob extends TuneJob {
	readonly every: number
	readonly candidate: Candidate
	readonly dir: string
}

/** Whether the search tries several values of a parameter. */
export function isTuned(name: string): name is keyof Candidate {
	return name in CHOICES
}

async function runTrial(trainer: Trainer, job: TrialJob, effects: Effects): Promise<Trial> {
	throwIfAborted(effects)
	const start = performance.now()
	const { every, trainFile, candidate, dir, validationFile: testFile } = job
	const modelFile = join(dir, 'trial.bin')
	const whole = { ...job.parameters, ...candidate }
	await trainer.train({ trainFile, outputFile: modelFile, parameters: whole }, effects)
	const { threads } = whole
	const { posts, recall5 } = await measureModelFile({ modelFile, testFile, threads }, effects)
	if (posts === 0) throw new AppError('bad-data', `no posts to tune on: ${testFile} is empty`)
	const trial = {
		every,
		parameters: candidate,
		recall5,
		seconds: (performance.now() - start) / 1000,
	}
	effects.err(formatTrial(trial))
	return trial
}

/** The starting point, then parameters drawn at random, each set once; fewer where there are not so many sets. */
function drawCandidates(
	{ parameters: start, given = [] }: Pick<TuneJob, 'parameters' | 'given'>,
	count: number,
): Candidate[] {
	const { learningRate, epochs, minCount, dim, negatives } = start
	const candidates: Candidate[] = [{ learningRate, epochs, minCount, dim, negatives }]
	const random = createRandom(start.seed + 1)
	const draw = (name: keyof Candidate) => {
		const list = CHOICES[name]
		const drawn = list[Math.floor(random() * list.length)] ?? start[name]
		return given.includes(name) ? start[name] : drawn
	}
	for (let draws = 0; candidates.length < count && draws < DRAWS; draws += 1) {
		const candidate = {
			learningRate: draw('learningRate'),
			epochs: draw('epochs'),
			minCount: draw('minCount'),
			dim: draw('dim'),
			negatives: draw('negatives'),
		}
		if (!candidates.some((other) => JSON.stringify(other) === JSON.stringify(candidate)))
			candidates.push(candidate)
	}
	return candidates
}

async function thinFile(path: string, target: string, every: number): Promise<string> {
	if (every === 1) return path
	const lines = (await readTextFile(path, 'training text')).split('\n').filter(Boolean)
	// Spread by a multiplication, because lines may come in a pattern.
	const isKept = (index: number) => (Math.imul(index, 0x9e3779b1) >>> 0) * every < 2 ** 32
	await writeFileAtomic(target, `${lines.filter((_, index) => isKept(index)).join('\n')}\n`)
	return target
}

function isSame(trial: Trial, other: Pick<Trial, 'every' | 'parameters'>): boolean {
	const { every, parameters } = trial
	return JSON.stringify({ every, parameters }) === JSON.stringify(other)
}

function formatTrial({ every, parameters, recall5, seconds }: Trial): string {
	const values = Object.entries(parameters).map(([name, value]) => `${name} ${value}`)
	return `recall@5 ${recall5.toFixed(4)} on 1/${every} of the posts in ${Math.round(seconds)} s: ${values.join(', ')}`
}
