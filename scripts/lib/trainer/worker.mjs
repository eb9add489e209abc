// One of the trainer's workers: calls the kernels that it is told to, on the memory that all workers share.
// Plain JavaScript, because a worker thread starts without the loader that runs TypeScript.
import { parentPort, workerData } from 'node:worker_threads'

const { module, memory } = workerData
const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort } })

function abort() {
	throw new Error('a kernel gave up')
}

// Long work comes in many short calls: V8 replaces a function by its optimised form only between calls.
const MODES = {
	once: (call, { args }) => call(...args),
	repeat(call, { args }) {
		let result = 1
		while (result === 1) result = call(...args)
		return result
	},
	sweep(call, { args, from, to, step }) {
		for (let at = from; at < to; at += step) {
			const result = call(...args, at)
			if (result) return result
		}
		return 0
	},
}

parentPort.on('message', (task) => {
	parentPort.postMessage(MODES[task.mode](exports[task.kernel], task) ?? 0)
})
