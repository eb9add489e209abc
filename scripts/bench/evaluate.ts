// `npm run bench -- evaluate`: predictions a second of `evaluate`, beside `fasttext test` on the same model and titles.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { formatTrainingLine, type LabelledTitle } from '../../src/model/training-text.ts'
import type { Effects } from '../lib/effects.ts'
import { evaluate } from '../lib/evaluation/evaluate.ts'
import { findModel, loadModel } from '../lib/evaluation/models.ts'
import { openDumps, type TestSet } from '../lib/evaluation/titles.ts'
import { describeMachine } from '../lib/pipeline/machine.ts'
import { formatCount } from '../lib/progress.ts'
import type { Benchmark } from './benchmark.ts'
import { samplePosts } from './sample-posts.ts'

/** Enough for some seconds of either. */
const TITLES = 40_000

export const benchEvaluate: Benchmark = async (effects) => {
	const model = await loadModel(await findModel('production', effects), effects)
	const { files } = await samplePosts(effects)
	const dumps = openDumps(files.slice(-1), effects)
	const real = await takeKnown(dumps, new Set(model.labels))
	const titles = real.length > 0 ? real : makeTitles(model.labels)
	const source = real.length > 0 ? basename(files.at(-1) ?? '') : 'made of the names of labels'
	const start = performance.now()
	const testSet: TestSet = {
		...dumps,
		read: async function* () {
			yield* titles
		},
	}
	const { metrics } = await evaluate(model, testSet, effects)
	const rate = titles.length / ((performance.now() - start) / 1000)
	const peer = await timePeer(model.bytes, titles, effects)
	const scope = `${model.name}, ${formatCount(titles.length)} titles, ${source}`
	const note = `${scope}, recall@5 ${metrics['recall@5'].toFixed(3)}, ${describeMachine().cpus} threads`
	if (!peer) return [{ name: 'evaluate', value: rate, unit: 'titles/s', note: `${note}; no peer` }]
	return [
		{
			name: 'evaluate',
			value: rate,
			unit: 'titles/s',
			peer: { name: 'native fasttext test, one thread', value: titles.length / peer.seconds },
			note: `${note}; native recall@5 ${peer.recall.toFixed(3)}`,
		},
	]
}

/** Native `test` leaves out what it can't label: both are asked about titles whose subreddit the model knows. */
async function takeKnown(dumps: TestSet, labels: ReadonlySet<string>): Promise<LabelledTitle[]> {
	const titles: LabelledTitle[] = []
	for await (const title of dumps.read()) {
		if (labels.has(title.subreddit) && title.text !== '') titles.push(title)
		if (titles.length === TITLES) break
	}
	return titles
}

/** Where no real posts are there: words that the model knows, most of them. */
function makeTitles(labels: readonly string[]): LabelledTitle[] {
	const nameAt = (place: number) => labels[place % labels.length] ?? ''
	return Array.from({ length: TITLES }, (_, index) => ({
		subreddit: nameAt(index),
		text: Array.from({ length: 8 }, (_, word) =>
			nameAt(index * (word + 7) + word).toLowerCase(),
		).join(' '),
	}))
}

/** Seconds with loading, as ours; null where the binary is missing. */
async function timePeer(
	model: Uint8Array,
	titles: readonly LabelledTitle[],
	{ dataDir }: Effects,
): Promise<{ seconds: number; recall: number } | null> {
	const [modelFile, textFile] = [join(dataDir, 'peer.ftz'), join(dataDir, 'peer-titles.txt')]
	await writeFile(modelFile, model)
	await writeFile(textFile, titles.map(formatTrainingLine).join(''))
	const start = performance.now()
	try {
		const { stdout } = await promisify(execFile)('fasttext', ['test', modelFile, textFile, '5'])
		const recall = Number(/R@5\s+([\d.]+)/.exec(stdout)?.[1])
		return { seconds: (performance.now() - start) / 1000, recall }
	} catch {
		return null
	}
}
