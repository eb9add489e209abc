// The worker thread of the predictor: keeps releases open and answers questions beside each other, a few milliseconds each in turn.
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { serializeError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { describeAnswer } from '../models/suggester.ts'
import { OpenReleases } from './open-releases.ts'
import type { FromThread, Question, ToThread } from './predictor.ts'
import { PredictResponse } from './schemas.ts'

const SLICE_MS = 5

const releases = new OpenReleases(workerData as string)
const running = new Map<number, AbortController>()

parentPort?.on('message', (message: ToThread) => {
	if ('cancel' in message) running.get(message.cancel)?.abort()
	else void run(message.id, message.ask)
})

async function run(id: number, question: Question): Promise<void> {
	const controller = new AbortController()
	running.set(id, controller)
	try {
		tell({ id, json: await answer(question, controller.signal) })
	} catch (error) {
		tell({ id, error: serializeError(error) })
	} finally {
		running.delete(id)
	}
}

function tell(message: FromThread): void {
	parentPort?.postMessage(message)
}

function answer(question: Question, signal: AbortSignal): Promise<string> {
	return releases.use(question, async (suggester) => {
		// Holds for the questions that are half answered, too: the list of the latest one is the newest.
		suggester.withhold(question.withheld)
		const answers: object[] = []
		let sliceEnd = performance.now() + SLICE_MS
		for (const title of question.titles) {
			if (performance.now() >= sliceEnd) {
				// Other questions have their turn, and a cancellation is heard.
				await setImmediate()
				signal.throwIfAborted()
				sliceEnd = performance.now() + SLICE_MS
			}
			answers.push(
				describeAnswer(title, suggester.suggest(title, question.typing ? 'typing' : 'whole')),
			)
		}
		const response = { release: question.version, answers }
		return JSON.stringify(parseWith(PredictResponse, response, 'answer'))
	})
}
