// What `bench -- quality` measures of a release: on posts, on titles made of them, on sixty titles that we judge; its index.
import { Suggester } from '../../src/model/suggest.ts'
import type { EvaluationReport } from '../../src/shared/evaluation-report.ts'
import type { Effects } from '../lib/effects.ts'
import { loadEngine } from '../lib/engine.ts'
import { evaluate, suggestForAll } from '../lib/evaluation/evaluate.ts'
import type { MeasurableModel } from '../lib/evaluation/models.ts'
import { readReleasedModel } from '../lib/release-files/release.ts'
import { type Claims, ClaimTally, nameCount, nameShare } from './claim-tally.ts'
import type { QualityPosts } from './quality-posts.ts'
import type { Subject } from './quality-releases.ts'
import { measureTyping, type TypingQuality } from './quality-typing.ts'
import { type MeasuredSearch, timeSearches } from './search-times.ts'
import { type JudgedTitle, SIXTY_TITLES } from './sixty-titles.ts'

/** Titles that the index is searched for. */
const SEARCHES = 2_000

/** What was measured of a release. */
export interface Quality extends Subject {
	/** On posts; null where the model that has not learnt them is not here. */
	readonly report: EvaluationReport | null
	readonly claims: ReadonlyMap<string, Claims>
	readonly typing: TypingQuality | null
	readonly search: MeasuredSearch | null
	/** The same of the long tail. */
	readonly tailSearch: MeasuredSearch | null
	readonly sixty: readonly JudgedAnswer[]
}

export interface JudgedAnswer extends JudgedTitle {
	/** Of the first acceptable suggestion, from 0; -1 where there is none. */
	readonly rank: number
	/** What comes first. */
	readonly first: string
}

/** On posts only by a model that has not learnt them. */
export async function measureSubject(
	subject: Subject,
	posts: QualityPosts,
	effects: Effects,
): Promise<Quality> {
	const { model, manifest } = subject
	const titles = posts.made.slice(0, SEARCHES).map(({ text }) => text)
	return {
		...subject,
		report: model && (await evaluate(model, posts.testSet, effects)),
		claims: model ? await tallyClaims(model, posts, effects) : new Map(),
		typing: model && (await measureTyping(model, posts.titles, effects)),
		search: await timeSearches(manifest, titles, { ...effects, which: 'unseen' }),
		tailSearch: await timeSearches(manifest, titles, { ...effects, which: 'tail' }),
		sixty: await judgeSixty(subject, effects),
	}
}

async function tallyClaims(
	model: MeasurableModel,
	{ made }: QualityPosts,
	effects: Effects,
): Promise<ReadonlyMap<string, Claims>> {
	const tally = new ClaimTally()
	const questions = (async function* () {
		yield* made
	})()
	for await (const answer of suggestForAll(model, { questions, total: made.length }, effects))
		for (const { kind, subreddit } of answer.stands) {
			const add = (group: string) => tally.add(group, subreddit, answer.suggestions)
			add(kind)
			if (kind === 'whole' || kind === 'hidden') add(`share ${nameShare(answer)}`)
			if (kind.startsWith('first')) add(`count ${nameCount(answer)}`)
		}
	return tally.finish()
}

/** By the release itself: nobody posted these titles. */
async function judgeSixty({ manifest }: Subject, effects: Effects): Promise<JudgedAnswer[]> {
	const engine = await loadEngine(await readReleasedModel(effects, manifest))
	const suggester = new Suggester(engine, manifest)
	const answers = SIXTY_TITLES.map((judged) => {
		const { suggestions } = suggester.suggest(judged.title)
		const accepted = new Set(judged.accept.map((name) => name.toLowerCase()))
		const rank = suggestions.findIndex(({ subreddit }) => accepted.has(subreddit.toLowerCase()))
		return { ...judged, rank, first: suggestions[0]?.subreddit ?? 'nothing' }
	})
	engine.dispose()
	return answers
}
