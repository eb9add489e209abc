// Starts the classifier worker before the page's script has come: a script of its own, which that one imports.
import { formatEarlyName } from '../shared/early-name.ts'
import workerUrl from '../worker/classifier-worker.ts?worker&url'
import { needsModel, readView } from './address.ts'

let early: Worker | null = needsModel(readView(location.hash)) ? startEarly() : null

/** The worker that was started early, once; null where there is none, or it has failed: another one then says why. */
export function takeEarlyWorker(): Worker | null {
	const worker = early
	early = null
	return worker
}

export function createWorker(name = 'classifier'): Worker {
	return new Worker(workerUrl, { type: 'module', name })
}

function startEarly(): Worker | null {
	try {
		const worker = createWorker(chooseName())
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

/** Has the worker load the visitor's release at once, unless the address asks to preview another one. */
function chooseName(): string | undefined {
	if (new URLSearchParams(location.search).has('channel')) return undefined
	return formatEarlyName(new URL('models/', document.baseURI).href)
}
