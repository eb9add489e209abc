// A worker thread with an engine of its own: batches of titles in, packed answers out.
import { parentPort, workerData } from 'node:worker_threads'
import { loadEngine } from '../engine.ts'
import { indexEngine, predictBatch } from './predict-batch.ts'

const engine = indexEngine(await loadEngine(workerData as Uint8Array))

parentPort?.on('message', (texts: readonly string[]) => {
	const answers = predictBatch(engine, texts)
	parentPort?.postMessage(answers, [answers.labels.buffer, answers.scores.buffer])
})
