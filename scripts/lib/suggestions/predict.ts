// Suggestions on the command line: what the page would show, for a title or for a stream of them.
import { Explainer, type Explanation, totalOf } from '../../../src/model/explain.ts'
import { readModel } from '../../../src/model/fasttext/read.ts'
import { PriorIndex } from '../../../src/model/prior.ts'
import type { Suggestions } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { countCovered, type Doubt } from '../../../src/shared/doubt.ts'
import { formatSigned } from '../../../src/shared/numbers.ts'
import { withheldNames } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { readLines } from '../posts/lines.ts'
import { readReleases } from '../release-files/releases-json.ts'
import { formatTable } from '../table.ts'
import { BatchSuggester } from './batch-suggester.ts'
import { describeAnswer, openSuggester } from './suggester.ts'

/** The most titles of stdin that are answered at once. */
const MOST_TITLES = 1000

export interface PredictOptions {
	/** A version or a channel. */
	readonly release: string
	/** Absent: titles come from stdin, one per line. */
	readonly title?: string | undefined
	readonly json: boolean
	/** Treats the last word of each title as unfinished, unless a space or a punctuation mark ends it. */
	readonly typing?: boolean
	/** Also prints what each word and pair of a title adds to each suggestion. */
	readonly why?: boolean
}

/** Prints five suggestions for each title, and what the page shows beneath them, as soon as the title is read. */
export async function predict(options: PredictOptions, effects: Effects): Promise<void> {
	const opened = await openSuggester(effects, options.release)
	const { manifest, model, engine, suggester } = opened
	suggester.withhold(withheldNames(await readReleases(effects.modelsDir)))
	const explainer = options.why
		? new Explainer(readModel(model), engine.evidence, manifest.reranker)
		: null
	const prior = manifest.prior ? new PriorIndex(manifest.prior, engine.labels()) : null
	const format = options.json ? formatJson : formatText
	const reading = options.typing ? 'typing' : 'whole'
	const say = (title: string, answer: Suggestions) => {
		const names = answer.suggestions.map(({ subreddit }) => subreddit)
		const { knownWords } = engine.know(answer.normalized)
		const weights = prior?.orderFor(knownWords) ?? prior?.weightsFor(knownWords) ?? null
		const why = answer.known ? explainer?.explain(answer.normalized, names, weights) : undefined
		effects.out(format(title, answer, why))
	}
	if (options.title !== undefined) say(options.title, suggester.suggest(options.title, reading))
	else {
		const batch = await BatchSuggester.around(opened)
		for await (const titles of readTitles(effects.stdin))
			for (const [index, answer] of batch.suggest(titles, reading).entries())
				say(titles[index] as string, answer)
	}
	engine.dispose()
}

function formatJson(title: string, answer: Suggestions, why: Explanation | undefined): string {
	return JSON.stringify({ ...describeAnswer(title, answer), ...(why ? { why } : {}) })
}

function formatText(
	title: string,
	{ known, suggestions, doubt, unknownWords, unseen }: Suggestions,
	why: Explanation | undefined,
): string {
	if (suggestions.length === 0) return `${title}\n  don't know: ${sayWhyNone(title, known)}`
	const lines = suggestions.map(
		({ subreddit, probability }) =>
			`  ${(probability * 100).toFixed(1).padStart(5)}%  r/${subreddit}`,
	)
	if (doubt) lines.unshift(`  not sure: ${sayDoubt(doubt, suggestions)}`)
	if (unseen.length > 0)
		lines.push(`  not learnt by the model, found by name and description: ${joinNames(unseen)}`)
	if (unknownWords.length > 0) lines.push(`  doesn't know: ${unknownWords.join(', ')}`)
	if (why)
		lines.push(
			...formatExplanation(why)
				.split('\n')
				.map((line) => `  ${line}`.trimEnd()),
		)
	return [title, ...lines].join('\n')
}

function sayDoubt(doubt: Doubt, suggestions: Suggestions['suggestions']): string {
	return doubt === 'unfamiliar'
		? 'the model can read little of this title'
		: `of 100 titles like this one, about ${countCovered(suggestions)} belong to one of these`
}

function sayWhyNone(title: string, known: boolean): string {
	if (title.trim() === '') return 'the title is empty'
	return known ? 'one letter says too little' : 'no word of it was learnt'
}

function joinNames(matches: Suggestions['unseen']): string {
	return matches.map(({ subreddit }) => `r/${subreddit}`).join(', ')
}

/** Groups titles that came at once, at most {@link MOST_TITLES}, so that a program which sends one title is answered at once. */
async function* readTitles(stdin: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
	for await (const lines of readLines(stdin)) {
		const unreadable = lines.findIndex((line) => typeof line !== 'string')
		const titles = lines
			.slice(0, unreadable === -1 ? lines.length : unreadable)
			.map((line) => String(line).replace(/\r$/, ''))
		for (let from = 0; from < titles.length; from += MOST_TITLES)
			yield titles.slice(from, from + MOST_TITLES)
		const line = lines[unreadable]
		if (line !== undefined && typeof line !== 'string')
			throw new AppError('bad-input', `stdin: ${line.problem}; give one title a line`)
	}
}

/** What `--why` prints: a line for each word and pair, a column for each suggestion, in the order of the suggestions above it. */
function formatExplanation(explanation: Explanation): string {
	const { subreddits, parts, reranking, prior, rivals, padding } = explanation
	const row = (name: string, values: readonly number[]) => [name, ...values.map(formatPart)]
	const vectors = parts.filter(({ by }) => by === 'vectors').length
	const share = vectors / (vectors + padding.count)
	const table = formatTable([
		['', ...subreddits.map((_, index) => `no. ${index + 1}`)],
		...parts.map(({ text, adds, by }) => row(by === 'evidence' ? `${text} (table)` : text, adds)),
		...(padding.adds.some((value) => formatPart(value) !== formatPart(0))
			? [row(`(${padding.count} zero vectors, rounded)`, padding.adds)]
			: []),
		...(reranking.some((value) => value !== 0) ? [row('(reranker)', reranking)] : []),
		...(prior.some((value) => value !== 0) ? [row('(prior)', prior)] : []),
		row(
			'(all rivals)',
			subreddits.map(() => -rivals),
		),
		row(
			'= log of the score',
			subreddits.map((_, index) => totalOf(explanation, index)),
		),
	])
	return [
		'why: what each adds to the natural logarithm of a suggestion’s score, beside the average subreddit (0.69 doubles it)',
		table,
		...(padding.count > 0
			? [
					`diluted: ${padding.count} zero vectors share the mean, so that these words and pairs say ${Math.round(share * 100)}% of what they would alone`,
				]
			: []),
		...(parts.length > vectors
			? [
					'(table): what this word, pair or beginning says in the table of evidence, beside the vectors',
				]
			: []),
	].join('\n')
}

function formatPart(value: number): string {
	return formatSigned(value, 2)
}
