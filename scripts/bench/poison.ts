// `npm run bench -- poison`: what picks of an attacker do to a model, with the limits and without, and what honest picks teach.
import { join } from 'node:path'
import { AppError } from '../../src/shared/app-error.ts'
import type { Effects } from '../lib/effects.ts'
import type { FeedbackTitle } from '../lib/feedback/admit.ts'
import {
	DEFAULT_FEEDBACK_LIMITS,
	type FeedbackLimits,
	SUSPICIONS,
} from '../lib/feedback/parameters.ts'
import { snapshotDir } from '../lib/pipeline/outputs.ts'
import { createRandom, shuffle } from '../lib/snapshot/random.ts'
import { type SnapshotOptions, writeSnapshot } from '../lib/snapshot/snapshot.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'
import { readTrainingText } from '../lib/training-text.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { measureRecall } from './measure-recall.ts'
import { ingestSample } from './sample-posts.ts'
import { runTask, splitAtJune } from './train-data.ts'

const THREADS = 2
const WEIGHT = 3
/** An attacker who takes care sends from so many files, over so many days. */
const FILES = 200
const DAY_MS = 86_400_000

const NO_LIMITS: FeedbackLimits = {
	feedbackPerPost: 1e9,
	feedbackFileShare: 1,
	feedbackShare: 1,
	feedbackInclude: [...SUSPICIONS],
}

interface Measured {
	readonly recall1: number
	readonly recall5: number
	/** The victim's share of all first suggestions. */
	readonly victimShare: number
}

interface Attack {
	readonly name: string
	readonly feedback: readonly FeedbackTitle[]
	readonly limits: FeedbackLimits
}

export const benchPoison: Benchmark = async (effects) => {
	const { isReal } = await ingestSample(effects)
	const options = splitAtJune(isReal)
	const plain = await writeSnapshot(options, effects)
	const lines = await readLines(join(snapshotDir(effects, plain.snapshot.hash), 'train.txt'))
	const victim = chooseVictim(plain.snapshot.labels)
	const contest = { options, victim, effects }
	const before = await measure({ name: 'no picks', feedback: [], limits: NO_LIMITS }, contest)
	const figures = [toFigure('no picks', before, before)]
	for (const attack of attacksOn(lines, victim)) {
		const after = await measure(attack, contest)
		figures.push(toFigure(attack.name, after, before))
	}
	return figures
}

interface TrainingLine {
	readonly subreddit: string
	readonly title: string
}

async function readLines(path: string): Promise<TrainingLine[]> {
	const lines: TrainingLine[] = []
	for await (const { subreddit, text } of readTrainingText(path))
		if (text !== '') lines.push({ subreddit, title: text })
	return lines
}

/** The label in the middle of the list by size: neither the smallest nor one that everybody knows. */
function chooseVictim(
	labels: readonly { readonly name: string; readonly train: number }[],
): string {
	const bySize = labels.toSorted((a, b) => b.train - a.train)
	const victim = bySize[Math.floor(bySize.length / 2)]
	if (!victim) throw new AppError('bad-input', 'no labels to attack')
	return victim.name
}

function attacksOn(lines: readonly TrainingLine[], victim: string): Attack[] {
	const others = lines.filter(({ subreddit }) => subreddit !== victim)
	shuffle(others, createRandom(7))
	const titlesFor = (share: number) =>
		others.slice(0, Math.floor((share * lines.length) / WEIGHT)).map(({ title }) => title)
	const limits = DEFAULT_FEEDBACK_LIMITS
	const include = [...SUSPICIONS]
	return [
		{
			name: '5% from one file, no limits',
			feedback: fromOneFile(titlesFor(0.05), victim),
			limits: NO_LIMITS,
		},
		...[0.01, 0.05, 0.1].map((share) => ({
			name: `${100 * share}% from one file`,
			feedback: fromOneFile(titlesFor(share), victim),
			limits,
		})),
		{
			name: `10% in altered titles from ${FILES} files over months, suspicions overruled`,
			feedback: fromManyFiles(titlesFor(0.1), victim),
			limits: { ...limits, feedbackInclude: include },
		},
	]
}

function fromOneFile(titles: readonly string[], subreddit: string): FeedbackTitle[] {
	return titles.map((title, n) => ({
		subreddit,
		title,
		weight: WEIGHT,
		sources: [{ name: 'one file', time: n * 1_000 }],
	}))
}

/** No literal contradictions, no bursts: a word is added to each title, and each file has its own days. */
function fromManyFiles(titles: readonly string[], subreddit: string): FeedbackTitle[] {
	return titles.map((title, n) => ({
		subreddit,
		title: `${title} ${title.split(' ')[0] ?? ''}s`,
		weight: WEIGHT,
		sources: [{ name: `file ${n % FILES}`, time: Math.floor(n / FILES) * (DAY_MS / 4) }],
	}))
}

interface Contest {
	readonly options: SnapshotOptions
	readonly victim: string
	readonly effects: Effects
}

async function measure(
	{ name, feedback, limits }: Attack,
	{ options, victim, effects }: Contest,
): Promise<Measured> {
	const { snapshot, admission } = await writeSnapshot({ ...options, feedback, ...limits }, effects)
	const dir = snapshotDir(effects, snapshot.hash)
	const modelFile = join(effects.dataDir, 'poisoned.bin')
	const testFile = join(dir, 'test.txt')
	const parameters = { ...wasmTrainer.defaults, threads: THREADS }
	await runTask('train', { trainFile: join(dir, 'train.txt'), outputFile: modelFile, parameters })
	const { recall1, recall5, firsts } = await measureRecall(modelFile, testFile)
	const victimShare = firsts.get(victim) ?? 0
	effects.err(
		`${name}: ${admission.titles.length} of ${feedback.length} titles admitted; recall@5 ${recall5.toFixed(4)}, victim ${victimShare.toFixed(5)}`,
	)
	return { recall1, recall5, victimShare }
}

function toFigure(name: string, after: Measured, before: Measured): Figure {
	const change = after.recall5 - before.recall5
	const times = before.victimShare === 0 ? 0 : after.victimShare / before.victimShare
	return {
		name: `recall@5, ${name}`,
		value: after.recall5,
		unit: '',
		note: `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(4)}; recall@1 ${after.recall1.toFixed(3)}; the victim has ${(100 * after.victimShare).toFixed(3)}% of the first suggestions, ${times.toFixed(1)} times its own`,
	}
}
