// A worker that a test scripts: real structured cloning and real message order, no thread.
import { MessageChannel } from 'node:worker_threads'
import type { WorkerLike } from '../../src/page/worker-connection.ts'
import type { Call, WorkerMessage } from '../../src/shared/classifier-protocol.ts'

/** What a scripted worker can do when it is called. */
export type Script = (
	call: Call,
	post: (message: WorkerMessage) => void,
	worker: FakeWorker,
) => void

export class FakeWorker implements WorkerLike {
	onmessage: WorkerLike['onmessage'] = null
	onmessageerror: WorkerLike['onmessageerror'] = null
	onerror: WorkerLike['onerror'] = null
	isTerminated = false
	/** Every call that arrived, in order. */
	readonly calls: Call[] = []
	readonly #channel = new MessageChannel()

	constructor(script: Script) {
		const { port1, port2 } = this.#channel
		port2.on('message', (call: Call) => {
			this.calls.push(call)
			script(call, (message) => port2.postMessage(message), this)
		})
		port1.on('message', (data: WorkerMessage) =>
			this.onmessage?.({ data } as MessageEvent<WorkerMessage>),
		)
	}

	postMessage(message: unknown): void {
		this.#channel.port1.postMessage(message)
	}

	terminate(): void {
		this.isTerminated = true
		this.#channel.port1.close()
	}

	/** Throws as a worker does outside a call. */
	crash(message: string): void {
		this.onerror?.({ message, preventDefault() {} } as ErrorEvent)
	}
}
