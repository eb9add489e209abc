// The official fastText binary as a training engine, found on PATH.
import { spawn } from 'node:child_process'
import { link, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { Progress } from '../progress.ts'
import type { QuantizeJob, Trainer, TrainFigures, TrainJob } from './trainer.ts'

const BINARY = 'fasttext'
const THREADS = 2

export const nativeTrainer: Trainer = {
	name: 'native',
	// ns with 25 negatives beats hs by 3 to 8 points of recall for half as much time again.
	defaults: {
		loss: 'ns',
		dim: 100,
		epochs: 5,
		learningRate: 0.5,
		wordNgrams: 2,
		bucket: 1_000_000,
		minCount: 2,
		negatives: 25,
		dilution: 0,
		pieces: 0,
		threads: THREADS,
		seed: 0,
	},
	quantizeDefaults: { cutoff: 100_000, retrain: true, evidenceBytes: 0, threads: THREADS },
	train,
	quantize,
}

async function train(
	{ trainFile, outputFile, parameters }: TrainJob,
	effects: Effects,
): Promise<TrainFigures> {
	const { loss, dim, epochs, learningRate, wordNgrams, bucket, minCount } = parameters
	const { negatives, threads, seed } = parameters
	return inScratchFolder(outputFile, async (dir) => {
		const prefix = join(dir, 'model')
		const args = ['supervised', '-input', resolve(trainFile), '-output', prefix, '-loss', loss]
		args.push('-dim', `${dim}`, '-epoch', `${epochs}`, '-lr', `${learningRate}`)
		args.push('-wordNgrams', `${wordNgrams}`, '-bucket', `${bucket}`, '-minCount', `${minCount}`)
		args.push('-neg', `${negatives}`, '-thread', `${threads}`, '-seed', `${seed}`)
		const figures = await runFastText(args, 'training', effects)
		await rename(`${prefix}.bin`, outputFile)
		return figures
	})
}

async function quantize(
	{ modelFile, trainFile, outputFile, parameters, training }: QuantizeJob,
	effects: Effects,
): Promise<TrainFigures> {
	const { cutoff, retrain, threads } = parameters
	return inScratchFolder(outputFile, async (dir) => {
		const prefix = join(dir, 'model')
		// The binary reads PREFIX.bin and writes PREFIX.ftz: the model comes in under that name.
		await link(modelFile, `${prefix}.bin`)
		const args = ['quantize', '-input', resolve(trainFile), '-output', prefix, '-qnorm']
		args.push('-cutoff', `${cutoff}`, '-thread', `${threads}`)
		// Loss, negatives and seed are in the model; these two it would forget.
		const again = ['-epoch', `${training.epochs}`, '-lr', `${training.learningRate}`]
		if (retrain) args.push('-retrain', ...again)
		const figures = await runFastText(args, 'quantising', effects)
		await rename(`${prefix}.ftz`, outputFile)
		return { ...figures, bytes: (await stat(outputFile)).size }
	})
}

async function inScratchFolder<T>(
	outputFile: string,
	work: (dir: string) => Promise<T>,
): Promise<T> {
	const dir = await mkdtemp(join(dirname(outputFile), '.native-'))
	try {
		return await work(dir)
	} finally {
		await rm(dir, { recursive: true, force: true })
	}
}

/** Runs the binary with a progress bar made of its own reports; ends it on Ctrl-C. */
async function runFastText(
	args: readonly string[],
	label: string,
	effects: Effects,
): Promise<TrainFigures> {
	const start = performance.now()
	const progress = new Progress({ label, total: 100, unit: '' }, effects)
	let said = ''
	let loss: number | null = null
	const child = spawn(BINARY, args, {
		stdio: ['ignore', 'pipe', 'pipe'],
		signal: effects.signal,
		env: { ...effects.env },
	})
	const listen = (chunk: Buffer) => {
		said = (said + chunk.toString('utf8')).slice(-4_000)
		const report = lastReport(said)
		if (!report) return
		loss = report.loss
		progress.update(report.percent, `loss ${report.loss.toFixed(3)}`)
	}
	child.stdout.on('data', listen)
	child.stderr.on('data', listen)
	const code = await new Promise<number | null>((done, fail) => {
		child.once('error', (error) => fail(startError(error, effects)))
		child.once('close', done)
	})
	progress.finish()
	if (code !== 0) throw exitError(code, said, args)
	return { seconds: (performance.now() - start) / 1000, ...(loss === null ? {} : { loss }) }
}

// As in `Progress:  42.1% words/sec/thread:  861123 lr:  0.289 avg.loss:  2.411 ETA: 0h 1m`.
const REPORT = /Progress:\s*([\d.]+)%[^\r\n]*?loss:\s*([-\d.]+|-?nan)/g

function lastReport(text: string): { percent: number; loss: number } | null {
	const match = [...text.matchAll(REPORT)].at(-1)
	if (!match) return null
	const percent = Number(match[1])
	const loss = Number(match[2])
	return Number.isFinite(percent) && Number.isFinite(loss) ? { percent, loss } : null
}

function startError(error: NodeJS.ErrnoException, { signal }: Effects): Error {
	if (signal.aborted) return new AppError('aborted', 'training stopped on request', error)
	if (error.code === 'ENOENT')
		return new AppError(
			'missing-tool',
			'fasttext is not on PATH; install it (Debian and Ubuntu: apt-get install fasttext, macOS: brew install fasttext)',
			error,
		)
	return error
}

function exitError(code: number | null, said: string, args: readonly string[]): Error {
	const lastLine =
		said
			.trim()
			.split(/[\r\n]+/)
			.at(-1) ?? ''
	if (/nan/i.test(lastLine))
		return new AppError('diverged', `training diverged: ${lastLine}; lower the learning rate`)
	if (/bad_alloc/.test(said) || code === null)
		return new AppError(
			'out-of-memory',
			'fasttext was ended, most likely for lack of memory; lower --bucket or --dim',
		)
	return new AppError('bad-data', `fasttext ${args[0]} ended with ${code}: ${lastLine}`)
}
