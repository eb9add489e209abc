// What `predict --why` prints: a table of what each word and pair adds to each suggestion. Pure.
import { type Explanation, totalOf } from '../../../src/model/explain.ts'
import { formatSigned } from '../../../src/shared/numbers.ts'
import { formatTable } from '../table.ts'

/** A line for each word and pair, a column for each suggestion, in the order of the suggestions above it. */
export function formatExplanation(explanation: Explanation): string {
	const { subreddits, parts, prior, rivals, padding } = explanation
	const row = (name: string, values: readonly number[]) => [name, ...values.map(formatPart)]
	const vectors = parts.filter(({ by }) => by === 'vectors').length
	const share = vectors / (vectors + padding.count)
	const table = formatTable([
		['', ...subreddits.map((_, index) => `no. ${index + 1}`)],
		...parts.map(({ text, adds, by }) => row(by === 'evidence' ? `${text} (table)` : text, adds)),
		...(padding.adds.some((value) => formatPart(value) !== formatPart(0))
			? [row(`(${padding.count} zero vectors, rounded)`, padding.adds)]
			: []),
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
			? ['(table): what the word says in the table of evidence, beside its vector']
			: []),
	].join('\n')
}

function formatPart(value: number): string {
	return formatSigned(value, 2)
}
