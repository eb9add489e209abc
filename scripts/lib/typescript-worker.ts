// Starts a worker thread from a TypeScript file, or from what was compiled of one.
import { Worker } from 'node:worker_threads'

/**
 * Node 20 starts no worker from TypeScript, and `--import tsx` doesn't reach workers. What is evaluated looks for packages below
 * the current folder, which may be anywhere: so this file finds tsx.
 */
export function startTypeScriptWorker(url: URL, workerData: unknown): Worker {
	if (url.pathname.endsWith('.mjs')) return new Worker(url, { workerData })
	const tsx = import.meta.resolve('tsx/esm/api')
	const start = `import('${tsx}').then(({ tsImport }) => tsImport('${url}', '${url}'))`
	return new Worker(start, { eval: true, workerData })
}
