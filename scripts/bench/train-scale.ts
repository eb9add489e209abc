// `npm run bench -- train-scale`: time and memory of training for numbers of posts and labels, up to twice what there is. With
// `--rows`: so many posts beside a fifth of them, which are repeated with new words.
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Effects } from '../lib/effects.ts'
import { formatBytes, formatCount, formatSeconds } from '../lib/progress.ts'
import type { TrainParameters } from '../lib/trainer/parameters.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { prepareTraining, runTask } from './train-data.ts'

const THREADS = 2
const POSTS = [500_000, 1_000_000, 2_000_000]
const LABELS = [500, 1_000, 2_491]

/** Of the models that are released. */
const LARGE_DIM = 152
/**
 * In random words no pair comes again, but ten million posts have so many of them that some share an id: with a count of 3, seven of
 * ten features were such, and took more memory than there is.
 */
const LARGE_MIN_COUNT = 5
const LARGE = { dim: LARGE_DIM, minCount: LARGE_MIN_COUNT }
const TIMES = 5
const PART_LINES = 100_000

export const benchTrainScale: Benchmark = async (effects, { rows }) => {
	const { dir, trainFile } = await prepareTraining(effects)
	const lines = (await readFile(trainFile, 'utf8')).split('\n').filter(Boolean)
	return rows === undefined
		? benchSizes(dir, lines, effects)
		: benchRepeated(dir, lines, rows, effects)
}

async function benchRepeated(
	dir: string,
	lines: readonly string[],
	posts: number,
	effects: Effects,
): Promise<Figure[]> {
	const labels = labelsByCount(lines).length
	const figures: Figure[] = []
	for (const count of [Math.round(posts / TIMES), posts]) {
		const path = join(dir, 'repeated.txt')
		await writeRepeated(path, lines, count)
		figures.push(await train(path, { posts: count, labels }, effects, LARGE))
	}
	const [fifth, whole] = figures
	if (!fifth || !whole) return figures
	const peer = { name: `${TIMES} times that of a fifth`, value: fifth.value * TIMES }
	return [fifth, { ...whole, peer }]
}

/** Each time that the lines come again, each of their words is a new one. */
async function writeRepeated(path: string, lines: readonly string[], count: number): Promise<void> {
	const file = await open(path, 'w')
	try {
		for (let first = 0; first < count; first += PART_LINES) {
			const part = Array.from({ length: Math.min(PART_LINES, count - first) }, (_, place) => {
				const again = Math.floor((first + place) / lines.length)
				const [label = '', ...words] = (lines[(first + place) % lines.length] ?? '').split(' ')
				return [label, ...words.map((word) => (again === 0 ? word : `${word}_${again}`))].join(' ')
			})
			await file.writeFile(`${part.join('\n')}\n`)
		}
	} finally {
		await file.close()
	}
}

async function benchSizes(
	dir: string,
	lines: readonly string[],
	effects: Effects,
): Promise<Figure[]> {
	const frequent = labelsByCount(lines)
	const figures: Figure[] = []
	const seen = new Set<string>()
	for (const labels of LABELS) {
		const chosen = new Set(frequent.slice(0, labels))
		const theirs = lines.filter((line) => chosen.has(labelOf(line)))
		for (const posts of POSTS) {
			// A label has a thousand posts at most: few labels have fewer posts than are asked for.
			const name = `${Math.min(posts, theirs.length)} ${chosen.size}`
			if (seen.has(name)) continue
			seen.add(name)
			figures.push(await measure(dir, theirs.slice(0, posts), chosen.size, effects))
		}
	}
	const doubled = lines.flatMap((line) => [line, line.replace(' ', '_again ')])
	figures.push(await measure(dir, doubled, frequent.length * 2, effects))
	return figures
}

async function measure(
	dir: string,
	lines: readonly string[],
	labels: number,
	effects: Effects,
): Promise<Figure> {
	const trainFile = join(dir, 'scale.txt')
	// In parts: a string can't hold all lines at once.
	const parts = Array.from({ length: Math.ceil(lines.length / PART_LINES) }, (_, part) =>
		Buffer.from(`${lines.slice(part * PART_LINES, (part + 1) * PART_LINES).join('\n')}\n`),
	)
	await writeFile(trainFile, parts)
	return train(trainFile, { posts: lines.length, labels }, effects)
}

async function train(
	trainFile: string,
	{ posts, labels }: { readonly posts: number; readonly labels: number },
	effects: Effects,
	parts: Partial<TrainParameters> = {},
): Promise<Figure> {
	const parameters = { ...wasmTrainer.defaults, ...parts, threads: THREADS }
	const outputFile = `${trainFile}.bin`
	const made = await runTask('train', { trainFile, outputFile, parameters })
	const name = `train ${formatCount(posts)} posts, ${formatCount(labels)} labels`
	const { cpuSeconds = 0, seconds = 0, peakBytes = 0, features = 0 } = made
	const note = `${formatSeconds(seconds)} by the clock, dim ${parameters.dim}, peak ${formatBytes(peakBytes)}, ${formatCount(features)} features`
	effects.err(`${name}: ${formatSeconds(cpuSeconds)} of processor time, ${note}`)
	return { name: `${name}, processor time`, value: cpuSeconds, unit: 's', note }
}

function labelOf(line: string): string {
	return line.slice(0, line.indexOf(' '))
}

function labelsByCount(lines: readonly string[]): string[] {
	const counts = new Map<string, number>()
	for (const line of lines) counts.set(labelOf(line), (counts.get(labelOf(line)) ?? 0) + 1)
	return [...counts].sort((a, b) => b[1] - a[1]).map(([label]) => label)
}
