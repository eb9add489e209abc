// A release that answers titles as the page does, and what is said of an answer to programs.
import type { Engine } from '../../../src/model/engine.ts'
import { Suggester, type Suggestions } from '../../../src/model/suggest.ts'
import { ColumnIndex } from '../../../src/model/unseen/columns.ts'
import { readUnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { UnseenSearch } from '../../../src/model/unseen/search.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { loadEngine } from '../engine.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { openRelease, readReleasedUnseen } from '../release-files/release.ts'

export interface OpenSuggester {
	readonly manifest: Manifest
	/** The fastText file. */
	readonly model: Uint8Array
	/** Whoever opened it disposes of it. */
	readonly engine: Engine
	/** Withholds nothing yet: what is withheld changes while a release stays. */
	readonly suggester: Suggester
}

/**
 * @param name a version or a channel
 * @throws AppError `damaged`, `not-found`, `unsupported`
 */
export async function openSuggester(place: ReleasesPlace, name: string): Promise<OpenSuggester> {
	const { manifest, model } = await openRelease(place, name)
	const unseen = await readReleasedUnseen(place, manifest)
	const engine = await loadEngine(model)
	try {
		const suggester = new Suggester(engine, manifest)
		if (unseen)
			suggester.addUnseen(
				new UnseenSearch(new ColumnIndex(readUnseenIndex(unseen)), engine.labels()),
			)
		return { manifest, model, engine, suggester }
	} catch (error) {
		engine.dispose()
		throw error
	}
}

/** What `predict --json` and the API say of a title. */
export function describeAnswer(
	title: string,
	{ suggestions, doubt, unknownWords, unseen }: Suggestions,
) {
	return {
		title,
		known: suggestions.length > 0,
		unknownWords,
		suggestions: suggestions.map(({ subreddit, probability }) => ({ subreddit, probability })),
		doubt,
		unseen: unseen.map(({ subreddit }) => subreddit),
	}
}
