// Decides which titles become lines of which file, and counts what was left out and why. Pure.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { createRandom, shuffle } from './random.ts'
import type { Title } from './read-titles.ts'
import type { Snapshot, SplitName } from './snapshot-schema.ts'
import type { Split } from './split.ts'

const LARGEST_SHOWN = 5

/** A title with a label from elsewhere than the posts: feedback. */
export interface ExtraTitle {
	readonly subreddit: string
	/** As a person wrote it. */
	readonly title: string
	/** How many lines of the training file it becomes: a whole number from 1. */
	readonly weight: number
}

export interface ComposeOptions {
	/** A subreddit with fewer training titles is no label. */
	readonly minPosts: number
	/** Fixes the order of the training lines. */
	readonly seed: number
	readonly extras: readonly ExtraTitle[]
}

/** A line of a file, without its label's prefix. */
export type Line = Pick<Title, 'subreddit' | 'text'>

export interface Composed {
	readonly lines: Readonly<Record<SplitName, readonly Line[]>>
	readonly labels: Snapshot['labels']
	readonly counts: Omit<Snapshot['counts'], 'emptyTitles'>
}

/**
 * Validation and test posts of subreddits that are no label stay: a person may post there, so they are misses.
 *
 * @throws AppError `bad-input` where fewer than two labels are left, with what there is
 */
export function composeFiles(split: Split, options: ComposeOptions): Composed {
	const posts = countBy(split.train)
	const extras = readExtras(options.extras, posts)
	const labels = chooseLabels(posts, extras, options.minPosts)
	const fromPosts = split.train.filter(({ subreddit }) => labels.has(subreddit))
	const fromExtras = extras.filter(({ subreddit }) => labels.has(subreddit))
	const repeated = fromExtras.flatMap((extra) => Array<Line>(extra.weight).fill(extra))
	const train: Line[] = [...fromPosts, ...repeated]
	shuffle(train, createRandom(options.seed))
	const { test, inTraining } = thinTest(split.test, train)
	const lines = { train, valid: split.valid, test }
	const isMiss = ({ subreddit }: Line) => !labels.has(subreddit)
	return {
		lines,
		labels: countLabels(labels, lines),
		counts: {
			train: train.length,
			valid: split.valid.length,
			test: test.length,
			labels: labels.size,
			rareSubredditPosts: split.train.length - fromPosts.length,
			rareSubreddits: [...posts.keys()].filter((name) => !labels.has(name)).length,
			unknownLabelValid: split.valid.filter(isMiss).length,
			unknownLabelTest: test.filter(isMiss).length,
			testInTraining: inTraining,
			testRepeats: split.test.length - test.length,
			feedbackLines: repeated.length,
			feedbackTitles: fromExtras.length,
		},
	}
}

/** One line of a file in fastText's format. */
export function formatLine({ subreddit, text }: Line): string {
	return `__label__${subreddit} ${text}\n`
}

type Extra = Line & { readonly weight: number }

// People type names in any case: Reddit's names are the same in any. Sorted, so that the order of imports leaves no trace.
function readExtras(extras: readonly ExtraTitle[], posts: ReadonlyMap<string, number>): Extra[] {
	const spelling = new Map([...posts.keys()].map((name) => [name.toLowerCase(), name]))
	return extras
		.map(({ subreddit, title, weight }) => ({
			subreddit: spelling.get(subreddit.toLowerCase()) ?? subreddit,
			text: normalizeTitle(title),
			weight,
		}))
		.filter(({ text }) => text !== '')
		.map((extra) => ({ extra, key: `${formatLine(extra)}${extra.weight}` }))
		.sort((a, b) => compareText(a.key, b.key))
		.map(({ extra }) => extra)
}

function chooseLabels(
	posts: ReadonlyMap<string, number>,
	extras: readonly Extra[],
	minPosts: number,
): Set<string> {
	const counts = new Map(posts)
	for (const [name, count] of countBy(extras)) counts.set(name, (counts.get(name) ?? 0) + count)
	const labels = [...counts].filter(([, count]) => count >= minPosts).map(([name]) => name)
	if (labels.length >= 2) return new Set(labels)
	const largest = [...counts]
		.sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))
		.slice(0, LARGEST_SHOWN)
		.map(([name, count]) => `${name} ${count}`)
	throw new AppError(
		'bad-input',
		`--min-posts ${minPosts} leaves ${labels.length} of ${counts.size} labels, and two are needed; most training posts: ${largest.join(', ')}`,
	)
}

/**
 * A test title that stands word for word in the training file under the same subreddit counts once: what is posted
 * every week under one title would else be counted every week.
 */
function thinTest(
	posts: readonly Title[],
	train: readonly Line[],
): { test: Title[]; inTraining: number } {
	const asked = new Set(posts.map(formatLine))
	// The test is small beside the training file: it is looked up, so that the large one is only passed through.
	const trained = new Set<string>()
	for (const line of train) {
		const text = formatLine(line)
		if (asked.has(text)) trained.add(text)
	}
	const counted = new Set<string>()
	let inTraining = 0
	const test = posts.filter((post) => {
		const text = formatLine(post)
		if (!trained.has(text)) return true
		inTraining += 1
		const isFirst = !counted.has(text)
		counted.add(text)
		return isFirst
	})
	return { test, inTraining }
}

function countLabels(labels: ReadonlySet<string>, lines: Composed['lines']): Snapshot['labels'] {
	const train = countBy(lines.train)
	const valid = countBy(lines.valid)
	const test = countBy(lines.test)
	return [...labels].sort(compareText).map((name) => ({
		name,
		train: train.get(name) ?? 0,
		valid: valid.get(name) ?? 0,
		test: test.get(name) ?? 0,
	}))
}

function countBy(lines: Iterable<Line>): Map<string, number> {
	const counts = new Map<string, number>()
	for (const { subreddit } of lines) counts.set(subreddit, (counts.get(subreddit) ?? 0) + 1)
	return counts
}

// By code unit: `localeCompare` differs from machine to machine.
function compareText(a: string, b: string): number {
	return a < b ? -1 : Number(a > b)
}
