// Receives calls in the classifier worker and posts the answers. Everything else is in classifier.ts.
import { serializeError } from '../shared/app-error.ts'
import type {
	Call,
	CallName,
	ClassifierCalls,
	WorkerMessage,
} from '../shared/classifier-protocol.ts'
import { readEarlyName } from '../shared/early-name.ts'
import { Classifier } from './classifier.ts'
import { markStep } from './mark-step.ts'

markStep('worker runs')
const classifier = new Classifier()
const modelsUrl = readEarlyName(self.name)
if (modelsUrl) classifier.begin(modelsUrl)

self.addEventListener('message', ({ data }: MessageEvent<Call>) => void answer(data))

async function answer(call: Call): Promise<void> {
	const { id } = call
	try {
		post({ kind: 'result', id, result: await carryOut(call) })
	} catch (error) {
		post({ kind: 'error', id, error: serializeError(error) })
	}
}

async function carryOut(call: Call): Promise<ClassifierCalls[CallName]['result']> {
	switch (call.name) {
		case 'load':
			return classifier.load(call.argument, (progress) =>
				post({ kind: 'progress', id: call.id, progress }),
			)
		case 'keep':
			return classifier.keep()
		case 'check':
			return classifier.check(call.argument)
		case 'suggest':
			return classifier.suggest(call.argument)
		case 'suggestMany':
			return classifier.suggestMany(call.argument)
		case 'nearby':
			return classifier.nearby(call.argument)
		case 'reasons':
			return classifier.reasons(call.argument)
		case 'labels':
			return classifier.labels()
		case 'facts':
			return classifier.facts((progress) => post({ kind: 'progress', id: call.id, progress }))
		case 'unseen':
			return classifier.unseen((progress) => post({ kind: 'progress', id: call.id, progress }))
		case 'tail':
			return classifier.tail(call.argument, (progress) =>
				post({ kind: 'progress', id: call.id, progress }),
			)
		case 'findNames':
			return classifier.findNames(call.argument)
	}
}

function post(message: WorkerMessage): void {
	self.postMessage(message)
}
