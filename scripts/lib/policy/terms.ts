// The reviewed list of terms by which names and descriptions say that a subreddit is for adults, or worse.
import { resolve } from 'node:path'
import * as v from 'valibot'
import { readTextFile } from '../files.ts'
import { parseYamlWith } from '../yaml.ts'

/** At the root of the checkout, beside whichsub.yaml. */
const TERMS_FILE = resolve(import.meta.dirname, '../../../policy-terms.yaml')

const Texts = v.optional(v.array(v.pipe(v.string(), v.minLength(1))), [])

const Category = v.strictObject({
	/** What these subreddits are, and why they are not suggested. */
	why: v.string(),
	/** Count wherever they stand in a name, which is read in lower case and without underscores. */
	anywhere: Texts,
	/** Stretches of names in which nothing of `anywhere` counts, as `essex` for `sex`. */
	but: Texts,
	/** Count as a word of a name: words end at underscores, digits and capital letters. */
	words: Texts,
	/** Count as words or ends of a name whose description, if any, says nothing of the kind, as in `EarthPorn`. */
	hints: Texts,
	/** Count as words of a description, unless it says that there is none of it. */
	says: Texts,
	/** Whole names. */
	names: Texts,
})
type Category = v.InferOutput<typeof Category>

const TermsFile = v.strictObject({
	categories: v.record(v.string(), Category),
	/** Names that a term hits and that were looked at: they may be suggested. */
	keep: Texts,
	/** Beginnings of words that never say on the page what a subreddit is about; its titles may have them. */
	coarse: Texts,
})

/** A description of so many characters tells what a subreddit is about. */
const TELLING = 12
/** Shorter hints are the end of too many words. */
const ENDING = 4

export interface Finding {
	readonly category: string
	/** The term, and whether the name or the description has it. */
	readonly term: string
	readonly in: 'name' | 'description'
}

interface Matcher {
	readonly category: string
	readonly names: ReadonlySet<string>
	readonly anywhere: RegExp | null
	readonly but: RegExp | null
	readonly words: ReadonlySet<string>
	readonly hints: readonly string[]
	readonly says: RegExp | null
}

export class PolicyTerms {
	readonly #matchers: readonly Matcher[]
	readonly #keep: ReadonlySet<string>
	readonly #coarse: readonly string[]
	/** By category: why its subreddits are not suggested. */
	readonly reasons: Readonly<Record<string, string>>

	constructor({ categories, keep, coarse }: v.InferOutput<typeof TermsFile>) {
		const all = Object.entries(categories)
		this.reasons = Object.fromEntries(all.map(([name, { why }]) => [name, why]))
		this.#matchers = all.map(([name, category]) => compile(name, category))
		this.#keep = lowerCased(keep)
		this.#coarse = coarse
	}

	/** Whether a word may say on the page what a subreddit is about. */
	isFitToShow(word: string): boolean {
		return this.find(word, null) === null && !this.#coarse.some((start) => word.startsWith(start))
	}

	/**
	 * The first term that says that the subreddit is not to be suggested; null where none does.
	 *
	 * @param description null: it has none, so that hints of the name count; undefined: nobody knows, and they do not
	 */
	find(name: string, description: string | null | undefined): Finding | null {
		if (this.#keep.has(name.toLowerCase())) return null
		const words = splitName(name)
		const squeezed = squeeze(name)
		const text = description?.toLowerCase() ?? ''
		for (const matcher of this.#matchers) {
			const { category } = matcher
			const inName = findInName(matcher, name, squeezed, words)
			if (inName !== null) return { category, term: inName, in: 'name' }
			const term = matcher.says && findSaid(matcher.says, text)
			if (term) return { category, term, in: 'description' }
			const isUndescribed = description !== undefined && text.length < TELLING
			const hint = isUndescribed ? findHint(matcher, squeezed, words) : null
			if (hint !== null) return { category, term: hint, in: 'name' }
		}
		return null
	}
}

/** @throws AppError `bad-data` that names the line */
export async function readPolicyTerms(path = TERMS_FILE): Promise<PolicyTerms> {
	return new PolicyTerms(parseYamlWith(TermsFile, await readTextFile(path, 'terms'), path))
}

function compile(
	category: string,
	{ anywhere, but, words, hints, says, names }: Category,
): Matcher {
	return {
		category,
		names: lowerCased(names),
		anywhere: anyOf(anywhere),
		but: anyOf(but),
		words: lowerCased(words),
		hints,
		says: anyOf(says, '(?<![\\p{L}\\p{N}])', '(?![\\p{L}\\p{N}])'),
	}
}

function lowerCased(texts: readonly string[]): ReadonlySet<string> {
	return new Set(texts.map((text) => text.toLowerCase()))
}

function anyOf(texts: readonly string[], before = '', after = ''): RegExp | null {
	if (texts.length === 0) return null
	const escaped = texts.map((text) => text.toLowerCase().replace(/[+.*?^$()[\]{}|\\]/g, '\\$&'))
	return new RegExp(`${before}(?:${escaped.join('|')})${after}`, 'gu')
}

function squeeze(name: string): string {
	return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** `NSFW_GifsOf18` → nsfw, gifs, of, 18. */
function splitName(name: string): string[] {
	return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((word) => word.toLowerCase())
}

function findInName(
	{ names, anywhere, but, words }: Matcher,
	name: string,
	squeezed: string,
	parts: readonly string[],
): string | null {
	if (names.has(name.toLowerCase())) return name
	// A harmless stretch becomes a gap, so that what stands before and after it does not grow together.
	const looked = but ? squeezed.replace(but, ' ') : squeezed
	const hit = anywhere ? looked.match(anywhere)?.[0] : undefined
	return hit ?? parts.find((word) => words.has(word)) ?? null
}

function findHint(
	{ hints, but }: Matcher,
	squeezed: string,
	parts: readonly string[],
): string | null {
	const end = (but ? squeezed.replace(but, ' ') : squeezed).split(' ').at(-1) ?? ''
	const isHint = (hint: string) =>
		parts.includes(hint) || (hint.length >= ENDING && end.endsWith(hint))
	return hints.find(isHint) ?? null
}

/** Words that say, in the same sentence, that there is none of it, or that it is about being without it. */
const DENIED_BEFORE =
	/\b(?:no|not|non|nor|nothing|never|none|without|can'?t|cannot|isn'?t|don'?t|doesn'?t|aren'?t|anti|avoid|against|quit|quitting|free of|instead of|less|stop|ban|bans|banned|report|remove|removed|leave|leaving|medical|recover|recovering|recovery|medicinal|mark|tag|flair|require|contain)\b[^.!?\n]{0,40}$/
const DENIED_AFTER =
	/^[^.!?\n]{0,40}\b(?:not|isn'?t|aren'?t|ban|bans|banned|prohibited|forbidden|free|removed|deleted|addiction|addicts?|recovery|survivors?|elsewhere|tag|tags|tagged|flair|account|accounts)\b/

function findSaid(says: RegExp, text: string): string | null {
	for (const match of text.matchAll(says)) {
		const before = text.slice(Math.max(0, match.index - 60), match.index)
		const after = text.slice(match.index + match[0].length).slice(0, 60)
		if (!DENIED_BEFORE.test(before) && !DENIED_AFTER.test(after)) return match[0]
	}
	return null
}
