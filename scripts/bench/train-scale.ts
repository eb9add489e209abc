// `npm run bench -- train-scale`: time and memory of training for numbers of posts and labels, up to twice what there is.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Effects } from '../lib/effects.ts'
import { formatBytes, formatCount } from '../lib/progress.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { prepareTraining, runTask } from './train-data.ts'

const THREADS = 2
const POSTS = [500_000, 1_000_000, 2_000_000]
const LABELS = [500, 1_000, 2_491]

export const benchTrainScale: Benchmark = async (effects) => {
	const { dir, trainFile } = await prepareTraining(effects)
	const lines = (await readFile(trainFile, 'utf8')).split('\n').filter(Boolean)
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
	const parts = Array.from({ length: Math.ceil(lines.length / 100_000) }, (_, part) =>
		Buffer.from(`${lines.slice(part * 100_000, (part + 1) * 100_000).join('\n')}\n`),
	)
	await writeFile(trainFile, parts)
	const parameters = { ...wasmTrainer.defaults, threads: THREADS }
	const outputFile = join(dir, 'scale.bin')
	const made = await runTask('train', { trainFile, outputFile, parameters })
	const name = `train ${formatCount(lines.length)} posts, ${formatCount(labels)} labels`
	const note = `peak ${formatBytes(made.peakBytes ?? 0)}, ${formatCount(made.features ?? 0)} features`
	effects.err(`${name}: ${Math.round(made.seconds ?? 0)} s, ${note}`)
	return { name, value: made.seconds ?? 0, unit: 's', note }
}

function labelOf(line: string): string {
	return line.slice(0, line.indexOf(' '))
}

function labelsByCount(lines: readonly string[]): string[] {
	const counts = new Map<string, number>()
	for (const line of lines) counts.set(labelOf(line), (counts.get(labelOf(line)) ?? 0) + 1)
	return [...counts].sort((a, b) => b[1] - a[1]).map(([label]) => label)
}
