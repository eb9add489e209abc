// Starts the classifier worker before the page's script has come: a script of its own, which that one imports.
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
