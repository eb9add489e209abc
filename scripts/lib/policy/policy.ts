// Which subreddits may be suggested: by what lists say, by their posts, and by their names and descriptions.
import type { Effects } from '../effects.ts'
import type { PostStore } from '../posts/post-store.ts'
import {
	type KnownSubreddit,
	type KnownSubreddits,
	readKnownSubreddits,
} from '../subreddits/known.ts'
import { type DescribedSubreddit, readSubredditList } from '../subreddits/list.ts'
import { readNewestListDate } from '../subreddits/lists.ts'
import { type PolicyParameters, readPolicyParameters } from './parameters.ts'
import { type PolicyTerms, readPolicyTerms } from './terms.ts'

/** Reasons beside the categories of terms. */
const REASONS = {
	profile: 'Profiles of users, which are no subreddits.',
	over18: 'Marked 18+ in a list.',
	gone: 'Not in the newest list, and without a post of the last year: dead, banned or private.',
	never: 'Named in whichsub.yaml.',
} as const

export interface Refusal {
	/** A word: one of `profile`, `over18`, `gone`, `never` or a category of terms. */
	readonly reason: string
	/** What was found, for people. */
	readonly because: string
}

export interface PolicyFacts {
	readonly known: KnownSubreddits
	/** The newest day of the newest list that names enough to tell what is gone; Unix seconds, null without one. */
	readonly newestList: number | null
	/** In lower case: subreddits with posts of the last `postDays` of all posts. */
	readonly active: ReadonlySet<string>
	readonly terms: PolicyTerms
	readonly parameters: PolicyParameters
	/** Nothing is known but names: what a description would deny is not refused. */
	readonly areNamesAll?: boolean
}

export class SuggestionPolicy {
	readonly #facts: PolicyFacts
	readonly #keep: ReadonlySet<string>
	readonly #never: ReadonlyMap<string, string>

	constructor(facts: PolicyFacts) {
		const { keep, never } = facts.parameters
		this.#facts = facts
		this.#keep = new Set(Object.keys(keep).map((name) => name.toLowerCase()))
		this.#never = new Map(
			Object.entries(never).map(([name, reason]) => [name.toLowerCase(), reason]),
		)
	}

	/** What each reason means. */
	get reasons(): Readonly<Record<string, string>> {
		return { ...REASONS, ...this.#facts.terms.reasons }
	}

	/** Why a subreddit may not be suggested; null where it may. */
	refuse(name: string): Refusal | null {
		const key = name.toLowerCase()
		const { known, active, terms } = this.#facts
		const subreddit = known.get(key)
		if (key.startsWith('u_')) return { reason: 'profile', because: 'a profile' }
		if (subreddit?.over18) return { reason: 'over18', because: 'a list marks it 18+' }
		const never = this.#never.get(key)
		if (never !== undefined) return { reason: 'never', because: never }
		if (this.#keep.has(key)) return null
		const unknown = this.#facts.areNamesAll ? undefined : null
		const found = terms.find(subreddit?.name ?? name, subreddit?.description ?? unknown)
		if (found) return { reason: found.category, because: `${found.in}: ${found.term}` }
		return active.has(key) ? null : this.#refuseGone(subreddit)
	}

	#refuseGone(subreddit: KnownSubreddit | undefined): Refusal | null {
		if (subreddit?.unavailable) return { reason: 'gone', because: subreddit.unavailable }
		const { newestList, parameters } = this.#facts
		if (newestList === null) return null
		const named = subreddit?.namedUtc ?? 0
		if (named >= newestList - parameters.listedDays * DAY) return null
		return { reason: 'gone', because: 'not in the newest list' }
	}
}

const DAY = 86_400

/** The policy of whichsub.yaml with what the database knows. @param listed where it was read already */
export async function readSuggestionPolicy(
	posts: PostStore,
	effects: Pick<Effects, 'parametersFile'>,
	listed?: KnownSubreddits,
): Promise<SuggestionPolicy> {
	const parameters = await readPolicyParameters(effects)
	return new SuggestionPolicy({
		known: listed ?? (await readKnownSubreddits(posts.database)),
		newestList: await readNewestListDate(posts.database),
		active: new Set(await posts.readActiveSubreddits(parameters.postDays * DAY)),
		terms: await readPolicyTerms(),
		parameters,
	})
}

/**
 * The part of the policy that needs no database, of a name alone: profiles, `never` of whichsub.yaml, and the reviewed terms.
 *
 * @returns says why a name may not be suggested; null where it may
 */
export async function readNamePolicy(
	effects: Pick<Effects, 'parametersFile'>,
): Promise<(name: string) => Refusal | null> {
	const policy = new SuggestionPolicy({
		known: new Map(),
		newestList: null,
		active: new Set(),
		areNamesAll: true,
		terms: await readPolicyTerms(),
		parameters: await readPolicyParameters(effects),
	})
	return (name) => policy.refuse(name)
}

/** The subreddits of the lists that may be suggested, with what they say of themselves. */
export async function readSuggestibleSubreddits(
	posts: PostStore,
	effects: Pick<Effects, 'parametersFile'>,
): Promise<DescribedSubreddit[]> {
	const list = await readSubredditList(posts.database)
	if (list.length === 0) return []
	const policy = await readSuggestionPolicy(posts, effects)
	return list.filter(({ name }) => policy.refuse(name) === null)
}

/** Of the subreddits with posts: those that may not be suggested, by name. */
export async function readRefusedWithPosts(
	posts: PostStore,
	effects: Pick<Effects, 'parametersFile'>,
): Promise<{ readonly name: string; readonly reason: string }[]> {
	const policy = await readSuggestionPolicy(posts, effects)
	return (await posts.readSubreddits()).flatMap((name) => {
		const refusal = policy.refuse(name)
		return refusal ? [{ name, reason: refusal.reason }] : []
	})
}
