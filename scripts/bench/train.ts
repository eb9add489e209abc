// `npm run bench -- train`: the trainer beside native fastText on the same posts: time, memory, recall, recall by size.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Effects } from '../lib/effects.ts'
import { writeFileAtomic } from '../lib/files.ts'
import { formatBytes, formatCount } from '../lib/progress.ts'
import { loadKernels } from '../lib/trainer/compile.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { measureRecall } from './measure-recall.ts'
import { drawSizes, type SizeLine, type SizePoint } from './size-chart.ts'
import { prepareTraining, runTask, type TrainingData } from './train-data.ts'

const THREADS = 2
const TRAINING = { ...wasmTrainer.defaults, threads: THREADS }
const SIZES_MB = [1, 2, 4, 8, 16]
/** Features that native fastText keeps; about as large as ours. */
const CUTOFFS = [12_000, 25_000, 50_000, 100_000, 200_000]
/** Vectors as long as ours: fastText finds more with them, too. */
const DIM = ['-dim', `${wasmTrainer.defaults.dim}`]
const FEATURES = [...DIM, '-wordNgrams', '2', '-bucket', '1000000', '-minCount', '2']
const NATIVE = {
	hs: ['-loss', 'hs', '-epoch', '5', '-lr', '0.5'],
	ns: ['-loss', 'ns', '-neg', '25', '-epoch', '5', '-lr', '0.5'],
}

const run = promisify(execFile)

export const benchTrain: Benchmark = async (effects, { chart }) => {
	// Compiled once for each version of the code, not for each training.
	await loadKernels()
	const data = await prepareTraining(effects)
	const modelFile = join(data.dir, 'wasm.bin')
	const job = { trainFile: data.trainFile, outputFile: modelFile, parameters: TRAINING }
	const trained = await runTask('train', job)
	const { testFile } = data
	const full = await measureRecall(modelFile, testFile)
	effects.err(`wasm: ${JSON.stringify({ ...trained, ...full })}`)
	const hs = await trainNative('hs', data, effects)
	const ns = await trainNative('ns', data, effects)
	const peer = (name: string, value: number | undefined) =>
		value === undefined ? {} : { peer: { name, value } }
	const ours = await measureSizes(data, modelFile, full.recall5, effects)
	const theirs = ns ? await quantizeNative(data, ns.recall5, effects) : null
	const lines = theirs ? [ours, theirs] : [ours]
	if (chart) await writeFileAtomic(chart, drawSizes(lines))
	return [
		{
			name: 'train',
			value: trained.seconds ?? 0,
			unit: 's',
			note: data.note,
			...peer('native hs, 5 epochs', hs?.seconds),
		},
		{
			name: 'train, peak memory',
			value: (trained.peakBytes ?? 0) / 1e9,
			unit: 'GB',
			note: `${formatCount(trained.features ?? 0)} features, ${THREADS} threads`,
		},
		recallFigure('recall@1, full precision', full.recall1, hs?.recall1, ns?.recall1),
		recallFigure('recall@5, full precision', full.recall5, hs?.recall5, ns?.recall5),
		...(ns ? [{ name: 'native ns, 25 negatives', value: ns.seconds, unit: 's' }] : []),
		...lines.flatMap(sizeFigures),
	]
}

interface NativeFigures {
	readonly seconds: number
	readonly recall1: number
	readonly recall5: number
}

async function trainNative(
	name: keyof typeof NATIVE,
	{ dir, trainFile, testFile }: TrainingData,
	effects: Effects,
): Promise<NativeFigures | null> {
	effects.err(`native ${name} …`)
	const prefix = join(dir, name)
	const start = performance.now()
	const args = ['supervised', '-input', trainFile, '-output', prefix, ...NATIVE[name], ...FEATURES]
	try {
		await run('fasttext', [...args, '-thread', `${THREADS}`], { maxBuffer: 2 ** 28 })
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
		throw error
	}
	const seconds = (performance.now() - start) / 1000
	const figures = { seconds, ...(await testNative(`${prefix}.bin`, testFile)) }
	effects.err(`native ${name}: ${JSON.stringify(figures)}`)
	return figures
}

/** Native `test` leaves out lines without a known word or label; here they are misses, as they are for a person. */
async function testNative(model: string, testFile: string) {
	const lines = (await readFile(testFile, 'utf8')).split('\n').length - 1
	const recallAt = async (k: number) => {
		const { stdout } = await run('fasttext', ['test', model, testFile, `${k}`])
		const [, count = '0'] = /^N\s+(\d+)/m.exec(stdout) ?? []
		const [, recall = '0'] = /^R@\d+\s+([\d.]+)/m.exec(stdout) ?? []
		return (Number(recall) * Number(count)) / lines
	}
	return { recall1: await recallAt(1), recall5: await recallAt(5) }
}

function recallFigure(name: string, value: number, hs?: number, ns?: number): Figure {
	if (hs === undefined || ns === undefined) return { name, value, unit: '', note: 'no peer' }
	const note = `native hs ${hs.toFixed(3)}: ${signed(value - hs)}; native ns ${ns.toFixed(3)}: ${signed(value - ns)}`
	return { name, value, unit: '', note }
}

function signed(value: number): string {
	return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
}

interface MeasuredSize extends SizePoint {
	readonly features: number
	readonly seconds: number
}

interface MeasuredLine extends SizeLine {
	readonly points: readonly MeasuredSize[]
}

function sizeFigures({ name, points, full }: MeasuredLine): Figure[] {
	return points.map(({ bytes, recall5, features, seconds }) => {
		const lost = `${signed(recall5 - full)} to full precision`
		const note = `${formatCount(features)} features, ${Math.round(seconds)} s, ${lost}`
		return { name: `recall@5, ${name}, ${formatBytes(bytes)}`, value: recall5, unit: '', note }
	})
}

async function measureSizes(
	{ dir, trainFile, testFile }: TrainingData,
	modelFile: string,
	full: number,
	effects: Effects,
): Promise<MeasuredLine> {
	const points: MeasuredSize[] = []
	for (const size of SIZES_MB) {
		const outputFile = join(dir, `wasm-${size}.ftz`)
		const parameters = { ...wasmTrainer.quantizeDefaults, maxBytes: size * 1e6, threads: THREADS }
		const made = await runTask('quantize', {
			...{ modelFile, trainFile, outputFile, parameters },
			training: TRAINING,
		})
		const { recall5 } = await measureRecall(outputFile, testFile)
		const { wireBytes: bytes = 0, features = 0, seconds = 0 } = made
		points.push({ bytes, recall5, features, seconds })
		effects.err(`wasm, at most ${size} MB: ${JSON.stringify(points.at(-1))}`)
	}
	return { name: 'whichsub', points, full }
}

/** Of the better of the two native models. */
async function quantizeNative(
	{ dir, trainFile, testFile }: TrainingData,
	full: number,
	effects: Effects,
): Promise<MeasuredLine> {
	const points: MeasuredSize[] = []
	for (const features of CUTOFFS) {
		const args = ['quantize', '-input', trainFile, '-output', join(dir, 'ns'), '-qnorm', '-retrain']
		const start = performance.now()
		await run('fasttext', [...args, '-cutoff', `${features}`, '-thread', `${THREADS}`], {
			maxBuffer: 2 ** 28,
		})
		const seconds = (performance.now() - start) / 1000
		const file = join(dir, 'ns.ftz')
		const bytes = gzipSync(await readFile(file), { level: 9 }).length
		const { recall5 } = await testNative(file, testFile)
		points.push({ bytes, recall5, features, seconds })
		effects.err(`native, ${features} features: ${JSON.stringify(points.at(-1))}`)
	}
	return { name: 'fastText', points, full }
}
