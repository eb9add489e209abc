// Starts the classifier worker before the page's own script has arrived: the build puts this small file first. Nothing else is
// done here, and little may be imported.
import type { Call } from '../shared/classifier-protocol.ts'

let early = startEarly()

/** The worker that was started early, once; then, or where that one has failed, a new one. */
export function takeWorker(): Worker {
	const worker = early ?? createWorker()
	early = null
	return worker
}

// Who opens one of the pages beside the title box downloads no model.
function startEarly(): Worker | null {
	if (location.hash.startsWith('#/')) return null
	const worker = createWorker()
	worker.onerror = (event) => {
		event.preventDefault()
		early = null
	}
	const preview = new URL(location.href).searchParams.get('channel')
	const argument = { modelsUrl: new URL('models/', document.baseURI).href, preview }
	worker.postMessage({ id: 0, name: 'prepare', argument } satisfies Call)
	return worker
}

function createWorker(): Worker {
	return new Worker(new URL('../worker/classifier-worker.ts', import.meta.url), {
		type: 'module',
		name: 'classifier',
	})
}
