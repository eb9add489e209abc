import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type ServerResponse, request as sendRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startApi } from '../../../../scripts/lib/api/api.ts'
import { Predictor } from '../../../../scripts/lib/api/predictor.ts'
import { withhold } from '../../../../scripts/lib/releases/withhold.ts'
import { startServer } from '../../../../scripts/lib/server.ts'
import { main } from '../../../../scripts/main.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { TOPICS } from '../../../fixtures/corpus.ts'
import { effectsIn, type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { OriginServer } from '../../../fixtures/origin-server.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'
import { makeUnseen } from '../../../fixtures/unseen.ts'

const OLD = '20130702.0'
const NEW = '20130703.0'
const MODEL_FILE = 'model.bin.packed'

interface Answers {
	release: string
	answers: { suggestions: { subreddit: string; probability: number }[]; unseen: string[] }[]
}

/** A release with an index of unseen subreddits, and another with other subreddits. */
async function writeBoth(modelsDir: string) {
	const model = makeModelFile({ topics: TOPICS })
	const { bytes, index } = await makeUnseen(model)
	const unseen = { index: bytes, subreddits: index.names.length }
	const labels = Object.keys(TOPICS).length
	const renamed = Object.entries(TOPICS).map(([name, words]) => [`new_${name}`, words])
	const others = makeModelFile({ topics: Object.fromEntries(renamed) })
	return [
		await writeRelease(modelsDir, { version: OLD, model, labels, unseen }),
		await writeRelease(modelsDir, { version: NEW, model: others, labels }),
	]
}

/** A server for a test that changes its releases, or asks it before it has started its threads. */
async function serve() {
	const dir = await mkdtemp(join(tmpdir(), 'whichsub-api-'))
	const { stop, ...served } = await start(dir)
	onTestFinished(stop)
	return served
}

/** The one that all other tests ask: starting its threads takes longer than most of them. */
let common: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
	common = await start(await mkdtemp(join(tmpdir(), 'whichsub-api-')))
})
afterAll(() => common.stop())

async function start(dir: string) {
	const effects = effectsIn(dir)
	const { modelsDir, dataDir } = effects
	const listed = await writeBoth(modelsDir)
	await writeReleases(modelsDir, listed, { production: OLD })
	await writeFile(join(modelsDir, 'index.html'), '<title>page</title>')
	const logged: string[] = []
	const program = pathToFileURL(await compiled('scripts/lib/api/predictor-thread.ts'))
	const api = startApi({ modelsDir, dataDir, program, log: (text) => logged.push(text) })
	const server = await startServer({ distDir: modelsDir, modelsDir, port: 0, api: api.handle })
	const stop = async () => {
		await server.close()
		await api.close()
		await rm(dir, { recursive: true, force: true })
	}
	const send = (body: BodyInit, headers: Record<string, string> = {}) =>
		fetch(`${server.url}api/predict`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...headers },
			body,
		})
	const ask = async (body: object) => {
		const response = await send(JSON.stringify(body))
		return { status: response.status, body: (await response.json()) as Answers }
	}
	return { effects, modelsDir, listed, url: server.url, logged, send, ask, stop }
}

/** The release of production lies at the origin that is returned, and not here. */
async function moveElsewhere({ modelsDir, listed }: Pick<typeof common, 'modelsDir' | 'listed'>) {
	const origin = await OriginServer.start()
	onTestFinished(() => origin.remove())
	const location = await origin.keep(modelsDir, OLD)
	for (const name of await readdir(join(modelsDir, OLD)))
		if (!name.endsWith('.json')) await rm(join(modelsDir, OLD, name))
	const moved = listed.map((one) => (one.version === OLD ? { ...one, location } : one))
	await writeReleases(modelsDir, moved, { production: OLD })
	return origin
}

async function predictByCommand(effects: TestEffects, title: string, ...flags: string[]) {
	expect(await main(['predict', '--json', ...flags, '--', title], effects)).toBe(0)
	return JSON.parse(effects.said.out.at(-1) ?? '') as unknown
}

async function expectProblem(response: Response, status: number): Promise<string> {
	const text = await response.text()
	expect([response.status, text]).toEqual([status, expect.any(String)])
	expect(response.headers.get('content-type')).toBe('application/problem+json')
	expect(response.headers.get('x-content-type-options')).toBe('nosniff')
	expect(response.headers.get('access-control-allow-origin')).toBeNull()
	const problem = JSON.parse(text) as Record<string, unknown>
	expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'detail'])
	expect(problem).toMatchObject({ type: 'about:blank', status })
	expect(text).not.toMatch(/\n| at .*\.ts|node_modules/)
	expect(text.length).toBeLessThan(500)
	return String(problem.detail)
}

const TITLES = ['A kitten and its whiskers', 'Songs for a kitten, with chords', 'Qwfpgj', '', 'ker']

describe('POST /api/predict', () => {
	it('answers what predict --json says, title by title', async () => {
		const { effects, ask } = common
		for (const typing of [false, true]) {
			const flags = typing ? ['--typing'] : []
			const expected: unknown[] = []
			for (const title of TITLES) expected.push(await predictByCommand(effects, title, ...flags))
			const { status, body } = await ask({ titles: TITLES, typing })
			expect(status).toBe(200)
			expect(body).toEqual({ release: OLD, answers: expected })
		}
		const { body } = await ask({ titles: TITLES })
		expect(body.answers[0]?.suggestions[0]?.subreddit).toBe('cats')
		expect(body.answers[1]?.unseen).toEqual(['ukulele'])
	})

	it('asks the release that is named, by version or channel', async () => {
		const { modelsDir, listed, ask } = await serve()
		await writeReleases(modelsDir, listed, { production: OLD, staging: NEW })
		for (const [release, version] of [
			['production', OLD],
			['staging', NEW],
			[NEW, NEW],
			[OLD, OLD],
		])
			expect((await ask({ titles: ['kitten'], release })).body.release).toBe(version)
	})

	it('answers by another release as soon as releases.json names it, and keeps what is loaded', async () => {
		const { modelsDir, listed, ask } = await serve()
		const first = async () => (await ask({ titles: ['kitten'] })).body
		expect((await first()).answers[0]?.suggestions[0]?.subreddit).toBe('cats')
		await rm(join(modelsDir, OLD, MODEL_FILE))
		expect((await first()).release).toBe(OLD)
		await writeReleases(modelsDir, listed, { production: NEW })
		const after = await first()
		expect(after.release).toBe(NEW)
		expect(after.answers[0]?.suggestions[0]?.subreddit).toBe('new_cats')
	})

	it('never names what is withheld, from the next request on', async () => {
		const { effects, ask } = await serve()
		const options = { byPolicy: false, undo: false, why: 'a test', dryRun: false }
		const names = async () => {
			const { body } = await ask({ titles: ['Songs for a kitten, with chords'] })
			const [answer] = body.answers
			return [...(answer?.suggestions.map((one) => one.subreddit) ?? []), ...(answer?.unseen ?? [])]
		}
		expect(await names()).toEqual(expect.arrayContaining(['cats', 'ukulele']))
		await withhold({ ...options, names: ['cats', 'ukulele'] }, effects)
		const left = await names()
		expect(left.length).toBeGreaterThan(3)
		expect(left).not.toContain('cats')
		expect(left).not.toContain('ukulele')
	})

	it('takes 1,000 titles and no more', async () => {
		const { send, ask } = common
		const titles = Array.from({ length: 1_000 }, (_, number) => `kitten ${number}`)
		const { status, body } = await ask({ titles })
		expect([status, body.answers.length]).toEqual([200, 1_000])
		const response = await send(JSON.stringify({ titles: [...titles, 'one more'] }))
		expect(await expectProblem(response, 422)).toContain('titles')
	})

	it('answers in the order of the titles, the same bytes for many at once as for each alone', async () => {
		const { ask } = common
		const titles = Array.from({ length: 200 }, (_, number) => `kitten bishop soup ${number}`)
		const { body } = await ask({ titles })
		expect(body.answers.map((answer) => (answer as { title?: string }).title)).toEqual(titles)
		for (const at of [0, 31, 32, 199]) {
			const alone = await ask({ titles: [titles[at]] })
			expect(JSON.stringify(alone.body.answers[0])).toBe(JSON.stringify(body.answers[at]))
		}
	})

	it('answers 503 with Retry-After where too many titles wait, and goes on', async () => {
		const served = await serve()
		const origin = await moveElsewhere(served)
		// Nobody is answered before the release has come.
		const held: ServerResponse[] = []
		origin.answer = (_path, response) => held.push(response) > 0
		const body = JSON.stringify({ titles: Array.from({ length: 1_000 }, () => 'kitten whiskers') })
		const refused: Response[] = []
		const all = Array.from({ length: 24 }, async () => {
			const response = await served.send(body)
			if (response.status === 503) refused.push(response)
			return response.status
		})
		await expect.poll(() => refused.length).toBe(24 - 10)
		for (const response of refused) {
			expect(response.headers.get('retry-after')).toBe('5')
			expect(await expectProblem(response, 503)).toContain('10000 titles wait')
		}
		origin.reset()
		for (const response of held) response.writeHead(503).end()
		expect((await Promise.all(all)).filter((status) => status === 200)).toHaveLength(10)
		expect((await served.ask({ titles: ['kitten'] })).status).toBe(200)
	})

	it('answers other requests while a model is loaded and titles are worked on', async () => {
		const { url, ask } = await serve()
		const titles = Array.from({ length: 1_000 }, (_, number) => `kitten number ${number}`)
		let isDone = false
		const asked = Promise.all(Array.from({ length: 9 }, () => ask({ titles }))).finally(() => {
			isDone = true
		})
		let pages = 0
		for (; !isDone; pages += 1) expect((await fetch(url)).status).toBe(200)
		await asked
		// Far more than the pauses between nine requests leave room for.
		expect(pages).toBeGreaterThan(20)
	})

	it.each([
		['a number', '5'],
		['null', 'null'],
		['a list', '["kitten"]'],
		['no titles', '{}'],
		['an empty list', '{"titles":[]}'],
		['a title alone', '{"titles":"kitten"}'],
		['a very long text in place of a list', JSON.stringify({ titles: 'x'.repeat(100_000) })],
		['a number as title', '{"titles":["kitten",1e999]}'],
		['a title that is null', '{"titles":[null]}'],
		['a title that is too long', JSON.stringify({ titles: ['x'.repeat(3_001)] })],
		['an unknown field', '{"titles":["kitten"],"count":3}'],
		['typing as a text', '{"titles":["kitten"],"typing":"yes"}'],
		['a release that is a path', '{"titles":["kitten"],"release":"../../etc"}'],
		['a release that is a number', '{"titles":["kitten"],"release":20130702.0}'],
		['a day that does not exist', '{"titles":["kitten"],"release":"20130231.0"}'],
		['deep nesting', `{"titles":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
	])('answers 422 to JSON that is wrong: %s', async (_, body) => {
		const { send } = common
		await expectProblem(await send(body), 422)
	})

	it.each([
		['nothing', ''],
		['text', 'titles=kitten'],
		['half of it', '{"titles":["kit'],
		['a number too many', '{"titles":["kitten"]}5'],
		['endless nesting', '['.repeat(1_000_000)],
		['no UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
	])('answers 400 to what is not JSON: %s', async (_, body) => {
		const { send } = common
		await expectProblem(await send(body), 400)
	})

	it('lets no key of the body reach prototypes', async () => {
		const { send } = common
		const body = '{"titles":["kitten"],"__proto__":{"release":"20130703.0","polluted":true}}'
		const response = await send(body)
		// Whether refused or ignored, it changes nothing.
		if (response.status === 200) expect(((await response.json()) as Answers).release).toBe(OLD)
		else await expectProblem(response, 422)
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
	})

	it('answers 413 to more than 4 MiB, with or without a length', async () => {
		const { send, url, ask } = common
		const large = JSON.stringify({ titles: ['x'.repeat(5 * 1024 * 1024)] })
		await expectProblem(await send(large), 413)
		const status = await new Promise((done, fail) => {
			const outgoing = sendRequest(
				`${url}api/predict`,
				{ method: 'POST', headers: { 'content-type': 'application/json' } },
				(response) => done(response.resume().statusCode),
			)
			outgoing.on('error', fail)
			for (let sent = 0; sent < large.length; sent += 65_536)
				outgoing.write(large.slice(sent, sent + 65_536))
			outgoing.end()
		})
		expect(status).toBe(413)
		expect((await ask({ titles: ['kitten'] })).status).toBe(200)
	})

	it('answers 415 to other content types and to packed bodies', async () => {
		const { send } = common
		const body = '{"titles":["kitten"]}'
		for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])
			await expectProblem(await send(body, { 'content-type': type }), 415)
		await expectProblem(await send(body, { 'content-encoding': 'gzip' }), 415)
		const response = await send(body, { 'content-type': 'Application/JSON; charset=utf-8' })
		expect(response.status).toBe(200)
	})

	it('answers 404 where there is no such release', async () => {
		const { send } = common
		const detail = async (release: string) =>
			expectProblem(await send(JSON.stringify({ titles: ['kitten'], release })), 404)
		expect(await detail('20200101.0')).toContain('no release 20200101.0')
		expect(await detail('canary')).toContain('channel canary serves no release')
	})

	it('answers 503 where a release is damaged, logs why, and works once it is whole', async () => {
		const { modelsDir, send, ask, logged } = await serve()
		const path = join(modelsDir, OLD, MODEL_FILE)
		const whole = await readFile(path)
		await writeFile(path, 'damaged')
		const detail = await expectProblem(await send('{"titles":["kitten"]}'), 503)
		expect(detail).not.toContain(modelsDir)
		expect(logged.join('\n')).toContain(path)
		await writeFile(path, whole)
		expect((await ask({ titles: ['kitten'] })).status).toBe(200)
	})

	it('answers 405 with Allow to other methods, and 404 elsewhere', async () => {
		const { url } = common
		const allowed = { 'api/predict': 'POST', 'api/openapi.json': 'GET, HEAD' }
		for (const [path, allow] of Object.entries(allowed))
			for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
				const response = await fetch(url + path, { method })
				expect(response.headers.get('allow')).toBe(allow)
				await expectProblem(response, 405)
			}
		await expectProblem(await fetch(`${url}api/predict`), 405)
		await expectProblem(await fetch(`${url}api/nothing`), 404)
	})

	it('goes on after clients that hang up', async () => {
		const { url, ask, logged } = common
		const titles = Array.from({ length: 1_000 }, () => 'kitten and its whiskers')
		const body = JSON.stringify({ titles })
		const half = body.length / 2
		// In the middle of the question, behind it, and while it is worked on, perhaps.
		for (const [sent, wait] of [
			[half, 0],
			[body.length, 0],
			[body.length, 5],
			[body.length, 50],
		] as const) {
			const headers = { 'content-type': 'application/json', 'content-length': body.length }
			const outgoing = sendRequest(`${url}api/predict`, { method: 'POST', headers })
			outgoing.on('error', () => {})
			await new Promise((done) => outgoing.write(body.slice(0, sent), done))
			await setTimeout(wait)
			const closed = new Promise((done) => outgoing.on('close', done))
			outgoing.destroy()
			await closed
		}
		expect((await ask({ titles: ['kitten'] })).status).toBe(200)
		expect(logged).toEqual([])
	})
})

describe('a release that lies elsewhere', () => {
	it('is downloaded for the first question, and said to be unreadable while it can not be had', async () => {
		const served = await serve()
		const { ask, logged } = served
		const origin = await moveElsewhere(served)
		origin.tamper = (bytes) => bytes.fill(1, 0, 1)
		expect((await ask({ titles: ['kitten'] })).status).toBe(503)
		expect(logged.join()).toContain(`${origin.origin}/${OLD}/model.bin.packed is damaged`)
		origin.tamper = (bytes) => bytes
		origin.requests.length = 0
		// Enough for every thread: what one of them needs is not downloaded by another, too.
		const many = await Promise.all(Array.from({ length: 8 }, () => ask({ titles: ['kitten'] })))
		expect(many.map(({ status }) => status)).toEqual(many.map(() => 200))
		expect(origin.requests).toContain(`GET /${OLD}/model.bin.packed`)
		expect(new Set(origin.requests).size).toBe(origin.requests.length)
	})
})

// Its threads are those of `serve`, started from TypeScript.
describe('Predictor', () => {
	it('stops working for a question that is taken back', async () => {
		const { modelsDir, dataDir } = await testEffects()
		const listed = await writeBoth(modelsDir)
		await writeReleases(modelsDir, listed, { production: OLD })
		const predictor = new Predictor({ modelsDir, dataDir })
		onTestFinished(() => predictor.close())
		const question = {
			version: OLD,
			manifestSha256: listed[0]?.manifest.sha256 ?? '',
			withheld: [],
			typing: false,
			titles: ['kitten'],
		}
		await predictor.ask(question, new AbortController().signal)
		const controller = new AbortController()
		const titles = Array.from({ length: 400_000 }, (_, number) => `kitten whiskers ${number}`)
		const asked = predictor.ask({ ...question, titles }, controller.signal)
		asked.catch(() => {})
		// A question beside it has its turn.
		await predictor.ask(question, new AbortController().signal)
		expect(predictor.waiting).toBeGreaterThan(300_000)
		controller.abort()
		await expect(asked).rejects.toThrow('the client went away')
		expect(predictor.waiting).toBe(0)
		// All titles would keep the threads busy for far longer than this waits.
		const useOfMoment = async () => {
			const before = process.cpuUsage()
			await setTimeout(100)
			const { user, system } = process.cpuUsage(before)
			return (user + system) / 1_000
		}
		await expect.poll(useOfMoment, { timeout: 3_000 }).toBeLessThan(50)
	})
})
