// How long a search of a release's index of unseen subreddits takes, in Node.
import { PRIOR_CANDIDATES } from '../../src/model/prior.ts'
import { answerTitle } from '../../src/model/suggest.ts'
import { readUnseenIndex } from '../../src/model/unseen/index-file.ts'
import { UnseenSearch } from '../../src/model/unseen/search.ts'
import type { Manifest } from '../../src/shared/manifest.ts'
import type { Effects } from '../lib/effects.ts'
import { loadEngine } from '../lib/engine.ts'
import { readReleasedModel, readReleasedUnseen } from '../lib/models/release.ts'

/** Until the code is compiled, searches are slower; a page's worker is past that after a few letters. */
const WARM_UP = 200

export interface SearchTimes {
	/** Milliseconds of the processor: half of the searches took less, 95 and 99 of a hundred. By the clock a busy machine adds its own. */
	readonly median: number
	readonly p95: number
	readonly p99: number
}

/** @param titles normalised @returns null where the release has no index */
export async function timeSearches(
	manifest: Manifest,
	titles: readonly string[],
	{ modelsDir }: Pick<Effects, 'modelsDir'>,
): Promise<SearchTimes | null> {
	const index = await readReleasedUnseen(modelsDir, manifest)
	if (!index || titles.length <= WARM_UP) return null
	const engine = await loadEngine(await readReleasedModel(modelsDir, manifest))
	const search = new UnseenSearch(readUnseenIndex(index), engine.labels())
	const times = titles.map((title) => {
		const { predictions } = answerTitle(engine, title, PRIOR_CANDIDATES)
		const start = process.cpuUsage()
		search.suggest(title, predictions)
		const { user, system } = process.cpuUsage(start)
		return (user + system) / 1000
	})
	engine.dispose()
	const sorted = times.slice(WARM_UP).sort((a, b) => a - b)
	const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
	return { median: at(0.5), p95: at(0.95), p99: at(0.99) }
}
