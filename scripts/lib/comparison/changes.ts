// What each subreddit gained or lost between two evaluations on the same posts. Pure.
import type {
	ComparisonReport,
	F1Change,
	FirstShare,
} from '../../../src/shared/comparison-report.ts'

const SUBREDDITS_SHOWN = 10

/** The part of an evaluation that is compared subreddit by subreddit. */
export interface EvaluatedSubreddits {
	readonly metrics: { readonly posts: number }
	readonly subreddits: readonly {
		readonly label: string
		readonly posts: number
		readonly predicted: number
		readonly f1: number
	}[]
}

type Row = ComparisonReport['subreddits'][number]

/** By name, as B writes it: each that occurs in the posts or is suggested first by one of the two. */
export function listSubreddits(ofA: EvaluatedSubreddits, ofB: EvaluatedSubreddits): Row[] {
	const index = ({ subreddits }: EvaluatedSubreddits) =>
		new Map(subreddits.map((subreddit) => [subreddit.label.toLowerCase(), subreddit]))
	const [before, after] = [index(ofA), index(ofB)]
	const rows = [...new Set([...before.keys(), ...after.keys()])].map((key) => {
		const [a, b] = [before.get(key), after.get(key)]
		return {
			label: b?.label ?? a?.label ?? key,
			posts: b?.posts ?? a?.posts ?? 0,
			a: a?.f1 ?? 0,
			b: b?.f1 ?? 0,
			predictedA: a?.predicted ?? 0,
			predictedB: b?.predicted ?? 0,
		}
	})
	return rows.sort((one, other) => byText(one.label, other.label))
}

/** Largest change first, ten at most of each. */
export function findMovedF1(
	rows: readonly Row[],
	minPosts: number,
): { readonly gained: F1Change[]; readonly lost: F1Change[] } {
	const changes = rows
		.filter(({ posts }) => posts >= minPosts)
		.map(({ label, posts, a, b }) => ({ label, posts, a, b }))
	const [gained, lost] = splitMoved(changes)
	return { gained, lost }
}

/** Shares of all first suggestions: largest rise first, then largest fall, ten at most of each. */
export function findMovedShares(
	rows: readonly Row[],
	posts: number,
): { readonly risen: FirstShare[]; readonly fallen: FirstShare[] } {
	const shares = rows.map(({ label, predictedA, predictedB }) => ({
		label,
		a: predictedA / posts,
		b: predictedB / posts,
	}))
	const [risen, fallen] = splitMoved(shares)
	return { risen, fallen }
}

function splitMoved<Moved extends FirstShare>(moved: readonly Moved[]): [Moved[], Moved[]] {
	const sorted = moved.toSorted(
		(one, other) => other.b - other.a - (one.b - one.a) || byText(one.label, other.label),
	)
	return [
		sorted.filter(({ a, b }) => b > a).slice(0, SUBREDDITS_SHOWN),
		sorted
			.filter(({ a, b }) => b < a)
			.toReversed()
			.slice(0, SUBREDDITS_SHOWN),
	]
}

/** Labels that only one of two models has, with their test posts. */
export function findLabels(
	rows: readonly Row[],
	labels: Iterable<string>,
	others: Iterable<string>,
): ComparisonReport['came'] {
	const posts = new Map(rows.map((row) => [row.label, row.posts]))
	const known = new Set([...others].map((label) => label.toLowerCase()))
	return [...labels]
		.filter((label) => !known.has(label.toLowerCase()))
		.sort(byText)
		.map((label) => ({ label, posts: posts.get(label) ?? 0 }))
}

// By code unit: `localeCompare` differs from machine to machine.
function byText(a: string, b: string): number {
	return a < b ? -1 : Number(a > b)
}
