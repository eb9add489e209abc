// What the worker of a page holds, by the browser's own count: JavaScript's heap, its buffers, and WebAssembly's memories, which the
// heap's figures leave out.
import type { CDPSession, Page } from '@playwright/test'

/** `Runtime` of Chromium's protocol, of what is asked here. */
interface Results {
	'Runtime.getHeapUsage': {
		usedSize: number
		embedderHeapUsedSize: number
		backingStorageSize: number
	}
	'Runtime.evaluate': { result: { objectId: string } }
	'Runtime.queryObjects': { objects: { objectId: string } }
	'Runtime.callFunctionOn': { result: { value: number } }
}

type Ask = <Method extends keyof Results>(
	method: Method,
	params?: Readonly<Record<string, unknown>>,
) => Promise<Results[Method]>

const SUM_OF_MEMORIES =
	'function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) }'

/** In bytes, after its garbage was collected. */
export async function measureWorkerMemory(page: Page): Promise<number> {
	const session = await page.context().newCDPSession(page)
	const ask = await attachToWorker(session)
	const { result: prototype } = await ask('Runtime.evaluate', {
		expression: 'WebAssembly.Memory.prototype',
	})
	// Collects garbage first.
	const { objects } = await ask('Runtime.queryObjects', { prototypeObjectId: prototype.objectId })
	const { result: memories } = await ask('Runtime.callFunctionOn', {
		objectId: objects.objectId,
		functionDeclaration: SUM_OF_MEMORIES,
		returnByValue: true,
	})
	const heap = await ask('Runtime.getHeapUsage')
	return memories.value + heap.usedSize + heap.embedderHeapUsedSize + heap.backingStorageSize
}

async function attachToWorker(session: CDPSession): Promise<Ask> {
	const attached = new Promise<string>((resolve) =>
		session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
			if (targetInfo.type === 'worker') resolve(sessionId)
		}),
	)
	await session.send('Target.setAutoAttach', {
		autoAttach: true,
		waitForDebuggerOnStart: false,
		flatten: false,
	})
	const sessionId = await attached
	let lastId = 0
	return (method, params = {}) => {
		lastId += 1
		const id = lastId
		return new Promise((resolve, reject) => {
			session.on('Target.receivedMessageFromTarget', ({ message }) => {
				const answer = JSON.parse(message)
				if (answer.id !== id) return
				if (answer.result) resolve(answer.result)
				else reject(new Error(`${method}: ${message}`))
			})
			const message = JSON.stringify({ id, method, params })
			session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
		})
	}
}
