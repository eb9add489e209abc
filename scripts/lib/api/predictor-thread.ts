// A worker thread of the predictor: keeps releases open and answers one part of a question after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { serializeError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { BatchSuggester } from '../suggestions/batch-suggester.ts'
import { describeAnswer } from '../suggestions/suggester.ts'
import type { FromThread, PredictQuestion } from './predictor.ts'
import { PredictAnswers } from './schemas.ts'

/** Production's and one more: each holds a model in memory. */
const KEPT = 2
/** The releases whose models are loaded; the one that was asked last comes last. */
const kept = new Map<string, BatchSuggester>()

let turn: Promise<unknown> = Promise.resolve()

parentPort?.on('message', (part: PredictQuestion) => {
	// A part that comes while the model is loaded must not load it again.
	turn = turn.then(async () => parentPort?.postMessage(await answer(part)))
})

async function answer(part: PredictQuestion): Promise<FromThread> {
	try {
		const opened = await open(part)
		opened.suggester.withhold(part.withheld)
		const suggestions = opened.suggest(part.titles, part.typing ? 'typing' : 'whole')
		const answers = suggestions.map((said, at) => describeAnswer(part.titles[at] ?? '', said))
		return { json: JSON.stringify(parseWith(PredictAnswers, answers, 'answers')) }
	} catch (error) {
		return { error: serializeError(error) }
	}
}

/** What it returns may be used until the next call. @throws what opening it throws; the next call tries again */
async function open({ version, manifestSha256 }: PredictQuestion): Promise<BatchSuggester> {
	const key = `${version} ${manifestSha256}`
	const opened = kept.get(key) ?? (await BatchSuggester.open(workerData as ReleasesPlace, version))
	kept.delete(key)
	kept.set(key, opened)
	for (const [oldest, suggester] of kept) {
		if (kept.size <= KEPT) break
		kept.delete(oldest)
		suggester.dispose()
	}
	return opened
}
