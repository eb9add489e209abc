// A worker thread of the predictor: keeps releases open and answers one part of a question after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { serializeError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { describeAnswer } from '../suggestions/suggester.ts'
import { OpenReleases } from './open-releases.ts'
import type { FromThread, Question } from './predictor.ts'
import { PredictAnswers } from './schemas.ts'

const releases = new OpenReleases(workerData as ReleasesPlace)

let turn: Promise<unknown> = Promise.resolve()

parentPort?.on('message', (part: Question) => {
	// A part that comes while the model is loaded must not load it again.
	turn = turn.then(async () => parentPort?.postMessage(await answer(part)))
})

async function answer(part: Question): Promise<FromThread> {
	try {
		const opened = await releases.open(part)
		opened.suggester.withhold(part.withheld)
		const suggestions = opened.suggest(part.titles, part.typing ? 'typing' : 'whole')
		const answers = suggestions.map((said, at) => describeAnswer(part.titles[at] ?? '', said))
		return { json: JSON.stringify(parseWith(PredictAnswers, answers, 'answers')) }
	} catch (error) {
		return { error: serializeError(error) }
	}
}
