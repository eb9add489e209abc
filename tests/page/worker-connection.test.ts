import { afterEach, describe, expect, test, vi } from 'vitest'
import { WorkerConnection } from '../../src/page/worker-connection.ts'
import { AppError } from '../../src/shared/app-error.ts'
import type { TypedTitle } from '../../src/shared/classifier-protocol.ts'
import { FakeWorker, type Script } from './fake-worker.ts'

const PATIENT = { silenceMs: 60_000 }
const workers: FakeWorker[] = []

function connect(script: Script) {
	const worker = new FakeWorker(script)
	workers.push(worker)
	const deaths: AppError[] = []
	return { worker, deaths, connection: new WorkerConnection(worker, (error) => deaths.push(error)) }
}

// An open channel would keep the process alive.
afterEach(() => {
	for (const worker of workers.splice(0)) worker.terminate()
	vi.useRealTimers()
})

const whole = (title: string): TypedTitle => ({ title, reading: 'whole' })

describe('WorkerConnection', () => {
	test('gives each call its own answer, in whatever order they come', async () => {
		const answers: (() => void)[] = []
		const { connection } = connect(({ id, argument }, post) => {
			answers.unshift(() => post({ kind: 'result', id, result: [(argument as TypedTitle).title] }))
			if (answers.length === 2) for (const answer of answers) answer()
		})
		const [first, second] = await Promise.all([
			connection.call('suggest', whole('first'), PATIENT),
			connection.call('suggest', whole('second'), PATIENT),
		])
		expect([first, second]).toEqual([['first'], ['second']])
	})

	test('rebuilds the error of a failed call, which blocks no later one', async () => {
		const { connection } = connect(({ id, argument }, post) =>
			(argument as TypedTitle).title === 'bad'
				? post({ kind: 'error', id, error: { code: 'damaged', message: 'it is damaged' } })
				: post({ kind: 'result', id, result: [] }),
		)
		const failed = connection.call('suggest', whole('bad'), PATIENT)
		await expect(failed).rejects.toThrow(AppError)
		await expect(failed).rejects.toMatchObject({ code: 'damaged', message: 'it is damaged' })
		await expect(connection.call('suggest', whole('good'), PATIENT)).resolves.toEqual([])
	})

	test('hands a bug over as one', async () => {
		const { connection } = connect(({ id }, post) =>
			post({ kind: 'error', id, error: { code: 'bug', message: 'x is not a function' } }),
		)
		await expect(connection.call('labels', null, PATIENT)).rejects.not.toThrow(AppError)
	})

	test('ends every call of a worker that threw, and every later one', async () => {
		const { connection, worker, deaths } = connect(() => {})
		const open = connection.call('labels', null, PATIENT)
		worker.crash('out of memory')
		await expect(open).rejects.toMatchObject({ code: 'worker-died' })
		await expect(connection.call('labels', null, PATIENT)).rejects.toThrow('out of memory')
		expect(worker.isTerminated).toBe(true)
		expect(deaths).toHaveLength(1)
	})

	test('takes silence for death', async () => {
		const { connection, worker, deaths } = connect(() => {})
		await expect(connection.call('labels', null, { silenceMs: 20 })).rejects.toMatchObject({
			code: 'timeout',
		})
		expect(worker.isTerminated).toBe(true)
		expect(deaths).toHaveLength(1)
	})

	test('takes progress for a sign of life', async () => {
		const { connection } = connect(({ id }, post) => {
			let steps = 0
			const timer = setInterval(() => {
				steps += 1
				if (steps < 6) return post({ kind: 'progress', id, progress: { step: 'verify' } })
				clearInterval(timer)
				post({ kind: 'result', id, result: [] })
			}, 50)
		})
		const seen: string[] = []
		const onProgress = ({ step }: { step: string }) => void seen.push(step)
		await connection.call('labels', null, { silenceMs: 200, onProgress })
		expect(seen).toEqual(Array.from({ length: 5 }, () => 'verify'))
	})

	test('tells no death where the page itself ended the worker', async () => {
		const { connection, deaths } = connect(() => {})
		const open = connection.call('labels', null, PATIENT)
		connection.end()
		await expect(open).rejects.toMatchObject({ code: 'aborted' })
		expect(deaths).toEqual([])
	})
})
