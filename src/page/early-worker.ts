// Starts the classifier worker before the page's script has come: a script of its own, which that one imports.
import { type Call, NO_ANSWER_ID } from '../shared/classifier-protocol.ts'
import { needsModel, readView } from './address.ts'

let early: Worker | null = needsModel(readView(location.hash)) ? startEarly() : null

/** The worker that was started early, once; null where there is none, or it has failed: another one then says why. */
export function takeEarlyWorker(): Worker | null {
	const worker = early
	early = null
	return worker
}

export function createWorker(): Worker {
	return new Worker(new URL('../worker/classifier-worker.ts', import.meta.url), {
		type: 'module',
		name: 'classifier',
	})
}

function startEarly(): Worker | null {
	try {
		const worker = createWorker()
		prepare(worker)
		// Nobody else listens yet.
		worker.onerror = (event) => {
			event.preventDefault()
			early = null
		}
		return worker
	} catch {
		// A browser without module workers: the page says so when it tries.
		return null
	}
}

/** Has the worker read the stored model already, unless the address asks to preview another one. */
function prepare(worker: Worker): void {
	if (new URLSearchParams(location.search).has('channel')) return
	const modelsUrl = new URL('models/', document.baseURI).href
	worker.postMessage({ id: NO_ANSWER_ID, name: 'prepare', argument: { modelsUrl } } satisfies Call)
}
