import { afterEach, describe, expect, test } from 'vitest'
import { ClassifierClient, type ClassifierStatus } from '../../src/page/classifier-client.ts'
import type { TailStatus } from '../../src/page/tail-loader.ts'
import type {
	Call,
	DownloadPause,
	LoadedRelease,
	TypedTitle,
	WorkerMessage,
} from '../../src/shared/classifier-protocol.ts'
import { FakeWorker, type Script } from './fake-worker.ts'

const RELEASE = {
	version: '20130601.0',
	channel: 'production',
	manifest: {} as LoadedRelease['manifest'],
} satisfies LoadedRelease

const WITH_TAIL = {
	...RELEASE,
	manifest: { tail: { bytes: 900, subreddits: 2_000 } } as LoadedRelease['manifest'],
}

type Post = (message: WorkerMessage) => void
type Answers = Partial<Record<Call['name'], (call: Call, post: Post, worker: FakeWorker) => void>>

const workers: FakeWorker[] = []

/** A worker that loads and answers as it should, but for what is given. */
function script(answers: Answers): Script {
	return (call, post, worker) => {
		const own = answers[call.name]
		if (own) return own(call, post, worker)
		post({ kind: 'result', id: call.id, result: defaultResult(call) })
	}
}

const loadWithTail = ({ id }: Call, post: Post) => post({ kind: 'result', id, result: WITH_TAIL })

function defaultResult({ name, argument }: Call) {
	if (name === 'load') return RELEASE
	if (name === 'check') return { version: RELEASE.version, channel: RELEASE.channel }
	if (name === 'labels') return ['cats']
	if (name === 'reasons' || name === 'keep') return null
	if (name === 'facts') return false
	if (name === 'unseen') return ['DevelEire']
	if (name === 'tail') return argument.download ? 2_000 : null
	if (name === 'findNames') return [`${argument.text}loaf`]
	return {
		title: (argument as TypedTitle).title,
		known: true,
		unknownWords: [],
		suggestions: [],
		doubt: null,
		unseen: [],
		release: { version: RELEASE.version, channel: RELEASE.channel },
	}
}

/** A client whose workers follow these scripts, one each; the last also those after it. */
function makeClient(...scripts: Script[]) {
	const tails: TailStatus[] = []
	const statuses: ClassifierStatus[] = []
	const made: FakeWorker[] = []
	const told = { unseen: 0 }
	const client = new ClassifierClient({
		modelsUrl: 'http://localhost/models/',
		preview: null,
		onStatus: (status) => statuses.push(status),
		onUnseen: () => {
			told.unseen += 1
		},
		onTail: (status) => tails.push(status),
		createWorker: () => {
			const worker = new FakeWorker(
				scripts[Math.min(made.length, scripts.length - 1)] ?? script({}),
			)
			made.push(worker)
			workers.push(worker)
			return worker
		},
	})
	return { client, statuses, made, told, tails }
}

afterEach(() => {
	for (const worker of workers.splice(0)) worker.terminate()
})

describe('ClassifierClient', () => {
	test('starts no worker before it is told to', () => {
		expect(makeClient(script({})).made).toHaveLength(0)
	})

	test('starts from the store, then looks for a newer release', async () => {
		const { client, made } = makeClient(script({}))
		await client.start()
		expect(made[0]?.calls.map(({ name }) => name)).toEqual(['load', 'keep', 'check'])
		expect(made[0]?.calls[0]?.argument).toMatchObject({ prefer: 'stored' })
	})

	test('answers before the release is stored, and says then why it could not be', async () => {
		let fail = () => {}
		const { client, statuses } = makeClient(
			script({
				keep: ({ id }, post) => {
					fail = () =>
						post({
							kind: 'result',
							id,
							result: { code: 'storage-full', message: 'the disk is full' },
						})
				},
			}),
		)
		await client.start()
		expect(await client.suggest('a')).toMatchObject({ title: 'a' })
		expect(statuses.at(-1)).toMatchObject({ kind: 'ready', storageTrouble: null })
		fail()
		const trouble = { storageTrouble: { code: 'storage-full' }, update: { kind: 'idle' } }
		await expect.poll(() => statuses.at(-1)).toMatchObject(trouble)
		await client.checkForRelease()
		expect(statuses.at(-1)).toMatchObject(trouble)
	})

	test('looks once more where it was asked to look while it looked: the list may have changed', async () => {
		let channel: LoadedRelease['channel'] = 'canary'
		let answerFirst = () => {}
		const { client, made, statuses } = makeClient(
			script({
				check: ({ id }, post) => {
					const result = { version: RELEASE.version, channel }
					const answer = () => post({ kind: 'result', id, result })
					if (channel === 'production') return answer()
					answerFirst = answer
				},
			}),
		)
		const started = client.start()
		await expect.poll(() => made[0]?.calls.at(-1)?.name).toBe('check')
		channel = 'production'
		await client.checkForRelease()
		await client.retry()
		answerFirst()
		await started
		expect(statuses.at(-1)).toMatchObject({ release: { channel: 'production' } })
		expect(made[0]?.calls.map(({ name }) => name)).toEqual(['load', 'keep', 'check', 'check'])
	})

	test('answers only the newest of the titles that wait', async () => {
		const { client, made } = makeClient(script({}))
		const early = ['a', 'ab', 'abc'].map((title) => client.suggest(title))
		await client.start()
		const answers = await Promise.all(early)
		expect(answers.map((answer) => answer?.title ?? null)).toEqual([null, null, 'abc'])
		expect(made[0]?.calls.filter(({ name }) => name === 'suggest')).toHaveLength(1)
	})

	test('drops an answer that a newer title has overtaken', async () => {
		const { client } = makeClient(
			script({
				suggest: (call, post) =>
					void setTimeout(
						() => post({ kind: 'result', id: call.id, result: defaultResult(call) }),
						20,
					),
			}),
		)
		await client.start()
		const answers = await Promise.all(['a', 'ab', 'abc'].map((title) => client.suggest(title)))
		expect(answers.map((answer) => answer?.title ?? null)).toEqual([null, null, 'abc'])
	})

	test('goes on after a title that failed', async () => {
		const { client } = makeClient(
			script({
				suggest: (call, post) =>
					(call.argument as TypedTitle).title === 'bad'
						? post({ kind: 'error', id: call.id, error: { code: 'bug', message: 'no' } })
						: post({ kind: 'result', id: call.id, result: defaultResult(call) }),
			}),
		)
		await client.start()
		await expect(client.suggest('bad')).rejects.toThrow('no')
		await expect(client.suggest('good')).resolves.toMatchObject({ title: 'good' })
	})

	test('ends the worker of a load that failed, and takes another for the next try', async () => {
		const failing = script({
			load: ({ id }, post) => post({ kind: 'error', id, error: { code: 'damaged', message: 'x' } }),
		})
		const { client, made, statuses } = makeClient(failing, script({}))
		await client.start()
		expect(statuses.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'damaged' } })
		expect(made[0]?.isTerminated).toBe(true)
		await client.start()
		expect(statuses.at(-1)?.kind).toBe('ready')
		expect(made).toHaveLength(2)
	})

	test('asks a new worker what the dead one did not answer', async () => {
		const dying = script({ suggest: (_call, _post, worker) => worker.crash('gone') })
		const { client, made } = makeClient(dying, script({}))
		await client.start()
		await expect(client.suggest('title')).resolves.toMatchObject({ title: 'title' })
		expect(made).toHaveLength(2)
	})

	test('gives up on workers that keep dying, and on the title that kills them', async () => {
		const dying = script({ suggest: (_call, _post, worker) => worker.crash('gone') })
		const { client, made, statuses } = makeClient(dying)
		await client.start()
		await expect(client.suggest('title')).rejects.toMatchObject({ code: 'worker-died' })
		expect(statuses.at(-1)?.kind).toBe('failed')
		expect(made).toHaveLength(2)
	})

	test('lets the old release answer until the newer one has loaded, then ends it', async () => {
		const newer = { ...RELEASE, version: '20130701.0' }
		const finish: (() => void)[] = []
		const old = script({
			check: ({ id }, post) => post({ kind: 'result', id, result: newer }),
		})
		const next = script({
			load: ({ id }, post) => void finish.push(() => post({ kind: 'result', id, result: newer })),
		})
		const { client, made, statuses } = makeClient(old, next)
		const started = client.start()
		await expect.poll(() => finish).toHaveLength(1)
		await expect(client.suggest('meanwhile')).resolves.toMatchObject({ title: 'meanwhile' })
		expect(made[0]?.isTerminated).toBe(false)
		for (const done of finish) done()
		await started
		expect(statuses.at(-1)).toMatchObject({ kind: 'ready', release: { version: '20130701.0' } })
		expect(made[0]?.isTerminated).toBe(true)
		await expect(client.suggest('after')).resolves.toMatchObject({ title: 'after' })
		expect(made[1]?.calls.at(-1)?.name).toBe('suggest')
	})

	test('keeps the old release where the newer one does not load, and says why', async () => {
		const old = script({
			check: ({ id }, post) =>
				post({ kind: 'result', id, result: { ...RELEASE, version: '20130701.0' } }),
		})
		const next = script({
			load: ({ id }, post) => post({ kind: 'error', id, error: { code: 'damaged', message: 'x' } }),
		})
		const { client, made, statuses } = makeClient(old, next)
		await client.start()
		expect(statuses.at(-1)).toMatchObject({
			kind: 'ready',
			release: { version: RELEASE.version },
			update: { kind: 'failed', error: { code: 'damaged' } },
		})
		expect(made.map(({ isTerminated }) => isTerminated)).toEqual([false, true])
	})

	test.each([
		['damaged', 2],
		['network', 3],
	] as const)(
		'tries a %s release again as often as it makes sense: %i workers after two checks',
		async (code, workers) => {
			const old = script({
				check: ({ id }, post) =>
					post({ kind: 'result', id, result: { ...RELEASE, version: '20130701.0' } }),
			})
			const next = script({
				load: ({ id }, post) => post({ kind: 'error', id, error: { code, message: 'x' } }),
			})
			const { client, made } = makeClient(old, next)
			await client.start()
			await client.checkForRelease()
			expect(made).toHaveLength(workers)
		},
	)

	test('says nothing of a check without a network', async () => {
		const { client, statuses } = makeClient(
			script({
				check: ({ id }, post) =>
					post({ kind: 'error', id, error: { code: 'network', message: 'x' } }),
			}),
		)
		await client.start()
		expect(statuses.at(-1)).toMatchObject({ kind: 'ready', update: { kind: 'idle' } })
	})

	test('does not say that there is another release where it can not tell', async () => {
		const { client, statuses } = makeClient(
			script({
				check: ({ id }, post) =>
					post({ kind: 'error', id, error: { code: 'web-page', message: 'x' } }),
			}),
		)
		await client.start()
		expect(statuses.at(-1)).toMatchObject({
			kind: 'ready',
			update: { kind: 'unknown', error: { code: 'web-page' } },
		})
	})

	const pause = {
		version: '20130701.0',
		failures: 2,
		until: Date.now() + 300_000,
		error: { code: 'server', message: 'x' },
	} satisfies DownloadPause

	test('tells until when a failed download waits, and hurries on request', async () => {
		const paused = script({ load: ({ id }, post) => post({ kind: 'result', id, result: pause }) })
		const { client, made, statuses } = makeClient(paused, paused, script({}))
		await client.start()
		const failed = { kind: 'failed', retryAt: pause.until, error: { code: 'server' } }
		expect(statuses.at(-1)).toMatchObject(failed)
		const before = statuses.length
		await client.checkForRelease()
		// The notice does not go and come at a look that changes nothing.
		expect(statuses.slice(before)).toMatchObject([failed])
		await client.retry()
		expect(statuses.at(-1)?.kind).toBe('ready')
		expect(made.map(({ calls }) => calls[0]?.argument)).toMatchObject([
			{ hurry: false, pause: null },
			{ hurry: false, pause },
			{ hurry: true, pause },
		])
	})

	test.each([
		['network', true],
		['server', false],
	] as const)('back on a network, hurries what failed by %s: %s', async (code, hurry) => {
		const waiting = { ...pause, error: { code, message: 'x' } }
		const paused = script({ load: ({ id }, post) => post({ kind: 'result', id, result: waiting }) })
		const { client, made } = makeClient(paused)
		await client.start()
		await client.checkAfterOffline()
		expect(made[1]?.calls[0]?.argument).toMatchObject({ hurry })
	})

	test('starts no worker for a newer release that waits, but on request', async () => {
		const old = script({
			check: ({ id }, post) =>
				post({ kind: 'result', id, result: { ...RELEASE, version: pause.version } }),
		})
		const next = script({ load: ({ id }, post) => post({ kind: 'result', id, result: pause }) })
		const { client, made, statuses } = makeClient(old, next)
		await client.start()
		await client.checkForRelease()
		expect(statuses.at(-1)).toMatchObject({
			kind: 'ready',
			update: { kind: 'failed', retryAt: pause.until },
		})
		expect(made).toHaveLength(2)
		await client.retry()
		expect(made).toHaveLength(3)
	})

	test('starts again at a check where the start had failed', async () => {
		const failing = script({
			load: ({ id }, post) => post({ kind: 'error', id, error: { code: 'network', message: 'x' } }),
		})
		const { client, statuses } = makeClient(failing, script({}))
		await client.start()
		await client.checkForRelease()
		expect(statuses.at(-1)?.kind).toBe('ready')
	})

	test('knows no labels before a release answers', async () => {
		const { client } = makeClient(script({}))
		await expect(client.labels()).resolves.toEqual([])
		await client.start()
		await expect(client.labels()).resolves.toEqual(['cats'])
	})

	test('loads the index of unseen subreddits once, after the first answer', async () => {
		const { client, made, told } = makeClient(script({}))
		await client.start()
		expect(await client.unseen()).toEqual([])
		await client.suggest('a kitten')
		await expect.poll(() => told.unseen).toBe(1)
		expect(await client.unseen()).toEqual(['DevelEire'])
		await client.suggest('two kittens')
		const names = made[0]?.calls.map(({ name }) => name) ?? []
		expect(names.filter((name) => name === 'unseen')).toHaveLength(1)
		expect(names.indexOf('unseen')).toBeGreaterThan(names.indexOf('suggest'))
	})

	test('answers on where that index can not be loaded', async () => {
		const error = { code: 'network', message: 'no connection' } as const
		const { client, statuses, told } = makeClient(
			script({ unseen: ({ id }, post) => post({ kind: 'error', id, error }) }),
		)
		await client.start()
		await client.suggest('a kitten')
		expect((await client.suggest('two kittens'))?.title).toBe('two kittens')
		expect(await client.unseen()).toEqual([])
		expect(told.unseen).toBe(0)
		expect(statuses.at(-1)).toMatchObject({ kind: 'ready', update: { kind: 'idle' } })
	})

	test('offers the long tail after the first answer, and loads it when it is asked for', async () => {
		const { client, tails } = makeClient(script({ load: loadWithTail }))
		await client.start()
		await client.suggest('a kitten')
		await expect
			.poll(() => tails.at(-1))
			.toEqual({ kind: 'offered', bytes: 900, subreddits: 2_000 })
		expect(await client.findNames('kitten', 6)).toEqual([])
		await client.searchAll()
		expect(tails.at(-1)).toEqual({ kind: 'ready', subreddits: 2_000 })
		expect(await client.findNames('kitten', 6)).toEqual(['kittenloaf'])
	})

	test('offers no long tail where the release has none', async () => {
		const { client, made, tails } = makeClient(script({}))
		await client.start()
		await client.suggest('a kitten')
		await client.suggest('two kittens')
		await client.searchAll()
		expect(made[0]?.calls.map(({ name }) => name)).not.toContain('tail')
		expect(tails.at(-1) ?? { kind: 'none' }).toEqual({ kind: 'none' })
	})

	test('says why the long tail could not be loaded, and tries again when it is asked to', async () => {
		const error = { code: 'network', message: 'no connection' } as const
		let isDown = true
		const { client, tails } = makeClient(
			script({
				load: loadWithTail,
				tail: (call, post) => {
					if (call.name === 'tail' && call.argument.download && isDown)
						post({ kind: 'error', id: call.id, error })
					else post({ kind: 'result', id: call.id, result: defaultResult(call) })
				},
			}),
		)
		await client.start()
		await client.suggest('a kitten')
		await expect.poll(() => tails.at(-1)?.kind).toBe('offered')
		await client.searchAll()
		expect(tails.at(-1)).toMatchObject({ kind: 'failed', error: { message: 'no connection' } })
		isDown = false
		await client.searchAll()
		expect(tails.at(-1)?.kind).toBe('ready')
	})
})
