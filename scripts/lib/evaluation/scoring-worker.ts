// A worker thread with an engine of its own: batches of titles in, packed answers out.
import { parentPort, workerData } from 'node:worker_threads'
import { loadEngine } from '../engine.ts'
import { type Batch, buffersOf, indexEngine, predictBatch } from './predict-batch.ts'

const engine = indexEngine(await loadEngine(workerData as Uint8Array))

parentPort?.on('message', (batch: Batch) => {
	const answers = predictBatch(engine, batch)
	parentPort?.postMessage(answers, buffersOf(answers))
})
