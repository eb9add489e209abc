import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { request as sendRequest } from 'node:http'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ADDRESS_LIMITS, AddressCounter } from '../../../../scripts/lib/api/address-limits.ts'
import { startApi } from '../../../../scripts/lib/api/api.ts'
import { admitFeedback } from '../../../../scripts/lib/feedback/admit.ts'
import { DEFAULT_FEEDBACK_LIMITS } from '../../../../scripts/lib/feedback/parameters.ts'
import { ReceivedPicks } from '../../../../scripts/lib/feedback/received.ts'
import {
	readAllFeedback,
	readChosenTitles,
} from '../../../../scripts/lib/feedback/stored-feedback.ts'
import { startServer } from '../../../../scripts/lib/server.ts'
import { main } from '../../../../scripts/main.ts'
import type { Feedback, Pick } from '../../../../src/shared/feedback.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { effectsIn, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { makeFeedback } from '../../../fixtures/feedback.ts'
import { HOLD_WRITES, holdDatabase } from '../../../fixtures/hold-database.ts'
import { writeReleases } from '../../../fixtures/release.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
const SECRET = 'a'.repeat(43)
const OTHER = 'b'.repeat(43)
const PROXY_HOST = 'picks.example.org'
const PROXIED = { 'x-forwarded-host': PROXY_HOST, origin: `https://${PROXY_HOST}` }
const cats: Pick = { how: 'suggestion', rank: 1, subreddit: 'cats' }
const pick = (id: number, more: Partial<Feedback> = {}): Feedback => ({
	...makeFeedback({ id, title: `title ${id}`, pick: cats, minute: id % 60 }),
	...more,
})

const listed = (version: string) => ({ version, manifest: { bytes: 1, sha256: 'a'.repeat(64) } })

interface Settings {
	readonly limits?: Partial<typeof ADDRESS_LIMITS>
	readonly proxyHost?: string
}

/** A server that collects, at an hour that the test sets. */
async function collect({ limits = {}, proxyHost }: Settings = {}) {
	const clock = { now: Date.parse('2013-07-06T12:00:00Z') }
	const effects = await testEffects({ now: () => new Date(clock.now) })
	const received = await ReceivedPicks.open(effects)
	const { modelsDir, dataDir, now } = effects
	await writeReleases(modelsDir, [listed('20130702.0')], {})
	const logged: string[] = []
	const log = (text: string) => void logged.push(text)
	const counter = new AddressCounter({ ...ADDRESS_LIMITS, ...limits }, now)
	const collecting = { received, counter, proxyHost, now, log }
	const api = startApi({ modelsDir, dataDir, log, collecting })
	const distDir = await temporaryFolder()
	await writeFile(join(distDir, 'index.html'), '<title>page</title>')
	const server = await startServer({ distDir, modelsDir, port: 0, api: api.handle })
	onTestFinished(async () => {
		await server.close()
		await api.close()
		await received.close()
	})
	const sendBody = (body: BodyInit, headers: Record<string, string> = {}, path = 'feedback') =>
		fetch(`${server.url}api/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
			body,
		})
	const send = (picks: readonly unknown[], secret = SECRET, headers = {}) =>
		sendBody(JSON.stringify({ secret, picks }), headers)
	const takeBack = (ids: readonly string[], secret = SECRET) =>
		sendBody(JSON.stringify({ secret, ids }), {}, 'feedback/take-back')
	const stored = async () => (await readAllFeedback(effects)).map(({ line }) => line)
	return { effects, clock, url: server.url, logged, sendBody, send, takeBack, stored, received }
}

async function answerOf(response: Response): Promise<unknown> {
	expect(response.status).toBe(200)
	return response.json()
}

async function expectProblem(response: Response, status: number): Promise<string> {
	const text = await response.text()
	expect([response.status, text]).toEqual([status, expect.any(String)])
	expect(response.headers.get('content-type')).toBe('application/problem+json')
	expect(response.headers.get('access-control-allow-origin')).toBeNull()
	expect(text.length).toBeLessThan(500)
	return (JSON.parse(text) as { detail: string }).detail
}

describe('POST /api/feedback', () => {
	it('keeps picks with a source of their own, and neither secret nor address', async () => {
		const { effects, send, stored } = await collect()
		expect(await answerOf(await send([pick(1), pick(2)]))).toEqual({
			added: 2,
			amended: 0,
			known: 0,
			refused: [],
		})
		expect(await stored()).toEqual([pick(1), pick(2)])
		const [sourced] = await readAllFeedback(effects)
		expect(sourced?.source).toMatch(/^sent 2013-07-06 [0-9a-f]{8}$/)
		expect(await main(['feedback', 'sources'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/sent 2013-07-06 [0-9a-f]{8} +2 +2013-07-05/)
		for (const file of ['posts.db', 'posts.db-wal']) {
			const bytes = await readFile(join(effects.dataDir, file)).catch(() => Buffer.alloc(0))
			for (const hidden of [SECRET, '127.0.0.1', '::1']) expect(bytes.includes(hidden)).toBe(false)
		}
	})

	it('acknowledges a replay and counts it once, also from another browser', async () => {
		const { send, stored } = await collect()
		await answerOf(await send([pick(1)]))
		const known = { added: 0, amended: 0, known: 1, refused: [] }
		expect(await answerOf(await send([pick(1)]))).toEqual(known)
		expect(await answerOf(await send([pick(1)], OTHER))).toEqual(known)
		expect(await answerOf(await send([pick(2), pick(2)]))).toEqual({
			added: 1,
			amended: 0,
			known: 1,
			refused: [],
		})
		expect(await stored()).toHaveLength(2)
	})

	it('lets a newer pick replace one with its id, from the same browser only', async () => {
		const { send, stored } = await collect()
		await answerOf(await send([pick(1)]))
		const newer = pick(1, { time: '2013-07-05T13:00:00.000Z', pick: { how: 'none' } })
		expect(await answerOf(await send([newer], OTHER))).toMatchObject({ amended: 0, known: 1 })
		expect(await stored()).toEqual([pick(1)])
		expect(await answerOf(await send([newer]))).toMatchObject({ amended: 1 })
		expect(await stored()).toEqual([newer])
	})

	it('takes back what was sent, for who sent it', async () => {
		const { send, takeBack, stored } = await collect()
		await answerOf(await send([pick(1), pick(2)]))
		expect(await answerOf(await takeBack([pick(1).id], OTHER))).toEqual({ removed: 0 })
		expect(await stored()).toHaveLength(2)
		expect(await answerOf(await takeBack([pick(1).id, pick(9).id]))).toEqual({ removed: 1 })
		expect(await stored()).toEqual([pick(2)])
		expect(await answerOf(await takeBack([pick(1).id]))).toEqual({ removed: 0 })
		// Who changes their mind may send it again.
		expect(await answerOf(await send([pick(1)]))).toMatchObject({ added: 1 })
	})

	it('refuses what no page can have made, says which, and keeps the rest', async () => {
		const { send, stored } = await collect({ limits: { picksInWindow: 2 } })
		const made = [
			pick(1, { release: '99991231.999999' }),
			pick(2, { release: '20130702.1' }),
			pick(3, { time: '0001-01-01T00:00:00Z' }),
			pick(4, { time: '2013-06-30T23:59:59.000Z' }),
		]
		const why = (id: number, text: string) => ({
			id: pick(id).id,
			why: expect.stringContaining(text),
		})
		const refused = [
			why(1, 'release: 99991231.999999'),
			why(2, 'release: 20130702.1'),
			why(3, 'time: 0001-01-01'),
			why(4, 'time: 2013-06-30'),
		]
		expect(await answerOf(await send(made))).toEqual({ added: 0, amended: 0, known: 0, refused })
		// A clock may be a day behind. What was refused costs an address nothing.
		const good = [pick(5, { time: '2013-07-01T00:00:00.000Z' }), pick(6)]
		expect(await answerOf(await send([...made, ...good]))).toMatchObject({ added: 2, refused })
		expect(await stored()).toEqual(good)
	})

	it('keeps nothing while the releases can not be read', async () => {
		const { effects, send, stored, logged } = await collect()
		await writeFile(join(effects.modelsDir, 'releases.json'), '{')
		await expectProblem(await send([pick(1)]), 503)
		expect(logged.join()).toContain('releases.json')
		expect(await stored()).toEqual([])
	})

	it('never changes or removes what was imported', async () => {
		const { effects, send, takeBack, stored } = await collect()
		const file = join(effects.dataDir, 'picks.jsonl')
		await writeFile(file, `${JSON.stringify(pick(1))}\n`)
		expect(await main(['feedback', 'import', file], effects)).toBe(0)
		const newer = pick(1, { time: '2013-07-05T13:00:00.000Z' })
		expect(await answerOf(await send([newer]))).toMatchObject({ known: 1 })
		expect(await answerOf(await takeBack([pick(1).id]))).toEqual({ removed: 0 })
		expect(await stored()).toEqual([pick(1)])
	})

	it('leaves an imported line alone that replaced a pick that was sent', async () => {
		const { effects, send, takeBack, stored } = await collect()
		await answerOf(await send([pick(1), pick(2)]))
		const newer = pick(1, { time: '2013-07-05T13:00:00.000Z' })
		const file = join(effects.dataDir, 'picks.jsonl')
		await writeFile(file, `${JSON.stringify(newer)}\n${JSON.stringify(pick(2))}\n`)
		expect(await main(['feedback', 'import', file], effects)).toBe(0)
		const newest = pick(1, { time: '2013-07-05T14:00:00.000Z' })
		expect(await answerOf(await send([newest]))).toMatchObject({ known: 1 })
		// The second one was here already as it was sent: it stays its sender's.
		expect(await answerOf(await takeBack([pick(1).id, pick(2).id]))).toEqual({ removed: 1 })
		expect(await stored()).toEqual([newer])
	})

	it.each([
		['another site', { 'sec-fetch-site': 'cross-site' }],
		['another name of this site', { 'sec-fetch-site': 'same-site' }],
		['an address that was typed', { 'sec-fetch-site': 'none' }],
		['another origin, of an old browser', { 'sec-fetch-site': '', origin: 'http://evil.test' }],
		['a frame without an origin', { 'sec-fetch-site': '', origin: 'null' }],
	])('refuses picks of %s', async (_, headers) => {
		const { sendBody, stored } = await collect()
		const own = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
		const body = JSON.stringify({ secret: SECRET, picks: [pick(1)] })
		await expectProblem(await sendBody(body, { 'sec-fetch-site': 'cross-site', ...own }), 403)
		expect(await stored()).toEqual([])
	})

	const sendRaw = (url: string, headers: Record<string, string>) =>
		new Promise<number>((done, fail) => {
			const to = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
			const outgoing = sendRequest(`${url}api/feedback`, to, (response) =>
				done(response.resume().statusCode ?? 0),
			)
			outgoing.on('error', fail).end(JSON.stringify({ secret: SECRET, picks: [pick(1)] }))
		})

	it('goes by Origin and Host where a browser says nothing else', async () => {
		const { url, stored } = await collect()
		const { host, origin } = new URL(url)
		expect(await sendRaw(url, {})).toBe(403)
		expect(await sendRaw(url, { origin: 'http://evil.test' })).toBe(403)
		// A name that somebody else points at this machine.
		const rebound = {
			host: 'evil.test',
			origin: 'http://evil.test',
			'sec-fetch-site': 'same-origin',
		}
		expect(await sendRaw(url, rebound)).toBe(403)
		expect(await stored()).toEqual([])
		expect(await sendRaw(url, { host, origin })).toBe(200)
	})

	it.each([
		['the proxy names another host', { 'x-forwarded-host': 'evil.test' }, 403],
		['a page came past the proxy', { origin: 'http://evil.test:4173' }, 403],
		['an origin is hidden', { origin: 'null' }, 403],
		['another site asks', { 'sec-fetch-site': 'cross-site' }, 403],
		['the port of HTTPS is named', { 'x-forwarded-host': `${PROXY_HOST.toUpperCase()}:443` }, 200],
		['the page asks', {}, 200],
	])('behind a proxy, goes by the host of the page where %s', async (_, headers, status) => {
		const { send } = await collect({ proxyHost: PROXY_HOST })
		const address = { 'x-forwarded-for': '203.0.113.1' }
		const answer = await send([pick(1)], SECRET, { ...PROXIED, ...address, ...headers })
		expect(answer.status).toBe(status)
	})

	it('behind a proxy that keeps Host, refuses a name that somebody points at this machine', async () => {
		const { url } = await collect({ proxyHost: PROXY_HOST })
		const address = { 'x-forwarded-for': '203.0.113.1', 'sec-fetch-site': 'same-origin' }
		const of = (host: string, scheme = 'http') => ({
			...address,
			host,
			origin: `${scheme}://${host}`,
		})
		expect(await sendRaw(url, of('evil.test:4173'))).toBe(403)
		expect(await sendRaw(url, { ...of('evil.test:4173'), 'x-forwarded-host': PROXY_HOST })).toBe(
			403,
		)
		expect(await sendRaw(url, of(PROXY_HOST, 'https'))).toBe(200)
	})

	it.each([
		['no secret', { picks: [pick(1)] }],
		['a short secret', { secret: 'abc', picks: [pick(1)] }],
		['no picks', { secret: SECRET, picks: [] }],
		['too many picks', { secret: SECRET, picks: Array.from({ length: 51 }, (_, id) => pick(id)) }],
		['an unknown field', { secret: SECRET, picks: [pick(1)], source: 'mine' }],
		['a pick that is null', { secret: SECRET, picks: [null] }],
		['another schema', { secret: SECRET, picks: [{ ...pick(1), schema: 2 }] }],
		[
			'an id that is SQL',
			{ secret: SECRET, picks: [{ ...pick(1), id: "'; DROP TABLE feedback;" }] },
		],
		[
			'a title that is too long',
			{ secret: SECRET, picks: [pick(1, { title: 'x'.repeat(1_201) })] },
		],
		['a rank that is wrong', { secret: SECRET, picks: [pick(1, { pick: { ...cats, rank: 2 } })] }],
		[
			'the day after tomorrow',
			{ secret: SECRET, picks: [pick(1, { time: '2013-07-09T00:00:00Z' })] },
		],
		[
			'one that is wrong among others',
			{ secret: SECRET, picks: [pick(1), { ...pick(2), time: 5 }] },
		],
	])('answers 422 to %s, and keeps nothing', async (_, body) => {
		const { sendBody, stored } = await collect()
		await expectProblem(await sendBody(JSON.stringify(body)), 422)
		expect(await stored()).toEqual([])
	})

	it('answers 400, 413 and 415 as POST /api/predict does, and leaves out fields that it does not know', async () => {
		const { sendBody, send, stored } = await collect()
		await expectProblem(await sendBody('['.repeat(100_000)), 400)
		await expectProblem(await sendBody(JSON.stringify('x'.repeat(600_000))), 413)
		await expectProblem(await sendBody('{}', { 'content-type': 'text/plain' }), 415)
		const text = JSON.stringify({ secret: SECRET, picks: [pick(1)] })
		const polluted = text.replace('"schema"', '"__proto__":{"polluted":1},"address":"x","schema"')
		await answerOf(await sendBody(polluted))
		await answerOf(await send([pick(2, { title: 'line\nbreak\ud800' })]))
		expect(({} as { polluted?: number }).polluted).toBeUndefined()
		expect(await stored()).toEqual([pick(1), pick(2, { title: 'line break\ufffd' })])
	})

	it('limits an address, says when to come back, and forgets the next day', async () => {
		const { clock, send, stored } = await collect({ limits: { picksInWindow: 3, picksInDay: 5 } })
		const ids = (from: number, count: number) =>
			Array.from({ length: count }, (_, index) => pick(from + index))
		await answerOf(await send(ids(0, 3)))
		// Another secret is no other address; what is known costs nothing.
		const refused = await send(ids(3, 1), OTHER)
		expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(600)
		await expectProblem(refused, 429)
		clock.now += 601_000
		await answerOf(await send(ids(0, 2)))
		await answerOf(await send(ids(3, 2)))
		clock.now += 601_000
		const full = await send(ids(5, 1))
		expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(11 * 3600)
		await expectProblem(full, 429)
		clock.now += 12 * 3_600_000
		await answerOf(await send(ids(5, 1)))
		expect(await stored()).toHaveLength(6)
	})

	it('tells addresses apart by what its proxy says last, and only behind one', async () => {
		const settings = { limits: { picksInWindow: 1 } }
		const behind = await collect({ ...settings, proxyHost: PROXY_HOST })
		const from = (address: string) => ({ ...PROXIED, 'x-forwarded-for': address })
		await answerOf(await behind.send([pick(1)], SECRET, from('203.0.113.1')))
		await answerOf(await behind.send([pick(2)], SECRET, from('203.0.113.1, 203.0.113.2')))
		for (const known of ['203.0.113.2', '198.51.100.7, 203.0.113.1', '::ffff:203.0.113.1'])
			await expectProblem(await behind.send([pick(3)], SECRET, from(known)), 429)
		await answerOf(await behind.send([pick(4)], SECRET, from('2001:db8:0:1::5')))
		await expectProblem(await behind.send([pick(5)], SECRET, from('2001:db8::1:ffff:0:0:9')), 429)
		await answerOf(await behind.send([pick(6)], SECRET, from('2001:db8:0:2::5')))
		const alone = await collect(settings)
		await answerOf(await alone.send([pick(1)], SECRET, from('203.0.113.1')))
		await expectProblem(await alone.send([pick(2)], SECRET, from('203.0.113.2')), 429)
	})

	it('takes the ports off what a proxy says, and refuses what is no address', async () => {
		const { send } = await collect({ limits: { picksInWindow: 1 }, proxyHost: PROXY_HOST })
		const from = (address: string) => ({ ...PROXIED, 'x-forwarded-for': address })
		await answerOf(await send([pick(1)], SECRET, from('203.0.113.1:5001')))
		for (const known of ['203.0.113.1:5002', '203.0.113.1'])
			await expectProblem(await send([pick(2)], SECRET, from(known)), 429)
		await answerOf(await send([pick(3)], SECRET, from('[2001:db8::1]:443')))
		for (const known of ['[2001:db8::2]:444', '[2001:db8::1]', '2001:db8::3'])
			await expectProblem(await send([pick(4)], SECRET, from(known)), 429)
		for (const none of ['unknown', '203.0.113.1,', '203.0.113.1:x', '999.1.1.1', '[::1', ''])
			await expectProblem(await send([pick(5)], SECRET, from(none)), 403)
	})

	it('lets a network of 48 bits in five times as much as one of 64', async () => {
		const { send } = await collect({ limits: { picksInWindow: 1 }, proxyHost: PROXY_HOST })
		const from = (network: string) => ({ ...PROXIED, 'x-forwarded-for': `2001:db8:${network}::1` })
		for (let id = 0; id < 5; id += 1)
			await answerOf(await send([pick(id)], SECRET, from(`1:${id}`)))
		await expectProblem(await send([pick(5)], SECRET, from('1:5')), 429)
		await answerOf(await send([pick(5)], SECRET, from('2:5')))
	})

	it('counts requests of a network, and lets others in however many networks asked for nothing', () => {
		const now = () => new Date('2013-07-06T12:00:00Z')
		const counter = new AddressCounter({ ...ADDRESS_LIMITS, requestsInWindow: 2 }, now)
		for (let wide = 0; wide < 40_000; wide += 1)
			counter.enter([`2001:db8:${wide}:1`, `2001:db8:${wide}`])
		counter.enter(['2001:db8:1:1', '2001:db8:1'])
		expect(() => counter.enter(['2001:db8:1:1', '2001:db8:1'])).toThrow('too many requests')
		for (let id = 0; id < 9; id += 1) counter.admit(counter.enter(['203.0.113.1']), 1)
	})

	it('lets a flood pass by', async () => {
		const { url, send, stored, received } = await collect({ limits: { picksInWindow: 40 } })
		const statuses: number[] = []
		const client = async (number: number) => {
			for (let turn = 0; turn < 25; turn += 1) {
				const secret = randomBytes(32).toString('base64url')
				const { status } = await send([pick(number * 1_000 + turn)], secret)
				statuses.push(status)
			}
		}
		await Promise.all(Array.from({ length: 40 }, (_, number) => client(number)))
		expect(new Set(statuses)).toEqual(new Set([200, 429]))
		const kept = await stored()
		expect(kept).toHaveLength(40)
		expect(statuses.filter((status) => status === 200)).toHaveLength(40)
		expect(received.waiting).toBe(0)
		expect((await fetch(url)).status).toBe(200)
	})

	it('is one file to the limits of a training, whatever browsers an address pretends to be', async () => {
		const { effects, send } = await collect({ limits: { picksInWindow: 100 } })
		for (let id = 0; id < 80; id += 1) {
			const secret = randomBytes(32).toString('base64url')
			const time = new Date(Date.parse('2013-07-05T12:00:00Z') + id * 5_000).toISOString()
			await answerOf(await send([pick(id, { title: `${id} ways to ${id * 7}`, time })], secret))
		}
		const { titles } = await readChosenTitles(effects)
		const posts = {
			counts: new Map([['cats', 100_000]]),
			subredditsOf: () => undefined,
			labelsFromFeedback: 0,
		}
		const weighed = titles.map((title) => ({ ...title, weight: 1 }))
		const { heldBack } = admitFeedback(weighed, posts, DEFAULT_FEEDBACK_LIMITS)
		expect(heldBack).toEqual([
			{ why: 'burst', what: expect.stringMatching(/^sent 2013-07-06 /), titles: 80 },
		])
	})

	it('waits for another command that writes to the database, and answers once the pick is kept', async () => {
		const { effects, send, stored } = await collect()
		const letGo = await holdDatabase(join(effects.dataDir, 'posts.db'), HOLD_WRITES)
		let isAnswered = false
		const answer = send([pick(1)]).finally(() => {
			isAnswered = true
		})
		await setTimeout(400)
		expect(isAnswered).toBe(false)
		await letGo()
		await answerOf(await answer)
		expect(await stored()).toEqual([pick(1)])
	})
})

describe('a database that another command holds for too long', () => {
	it('is waited for once, by all that wait together', async () => {
		const { effects, send, stored, received } = await collect()
		const letGo = await holdDatabase(join(effects.dataDir, 'posts.db'), HOLD_WRITES)
		vi.useFakeTimers({ toFake: ['Date'] })
		onTestFinished(() => void vi.useRealTimers())
		const answers = [1, 2, 3].map((id) => send([pick(id)]))
		await expect.poll(() => received.waiting).toBe(3)
		const isWaiting = () => effects.said.err.some((line) => line.startsWith('waiting for the'))
		// A second more, until the first of them has begun to wait.
		while (!isWaiting()) {
			vi.setSystemTime(Date.now() + 1_000)
			await setTimeout(50)
		}
		vi.setSystemTime(Date.now() + 31_000)
		for (const answer of await Promise.all(answers)) await expectProblem(answer, 503)
		await letGo()
		await answerOf(await send([pick(1)]))
		expect(await stored()).toEqual([pick(1)])
	})
})

describe('GET /api/collect', () => {
	it('says that picks are taken, and is not there where they are not', async () => {
		const { url } = await collect()
		expect(await answerOf(await fetch(`${url}api/collect`))).toEqual({ collects: true })
		expect((await fetch(`${url}api/collect`, { method: 'POST' })).status).toBe(405)
		const { modelsDir, dataDir } = await testEffects()
		const distDir = await temporaryFolder()
		await writeFile(join(distDir, 'index.html'), '')
		const api = startApi({ modelsDir, dataDir, log: () => {} })
		const server = await startServer({ distDir, modelsDir, port: 0, api: api.handle })
		onTestFinished(() => server.close())
		for (const path of ['collect', 'feedback', 'feedback/take-back'])
			await expectProblem(await fetch(`${server.url}api/${path}`, { method: 'POST' }), 404)
	})
})

/** The command itself, in a process that the test may end at any moment. */
async function startProcess(dir: string, limit = 'unlimited') {
	const dist = await temporaryFolder()
	await writeFile(join(dist, 'index.html'), '')
	const models = join(dist, 'models')
	await writeReleases(models, [listed('20130702.0')], {})
	const args = [
		'--data',
		dir,
		'--models',
		models,
		'serve',
		'--collect',
		'--port',
		'0',
		'--dist',
		dist,
	]
	const script = `ulimit -f ${limit}; exec "$0" "$@"`
	const node = [process.execPath, await compiled('scripts/cli.ts')]
	const child: ChildProcess = spawn('bash', ['-c', script, ...node, ...args], {
		cwd: ROOT,
	})
	onTestFinished(() => void child.kill('SIGKILL'))
	const url = await new Promise<string>((done, fail) => {
		let said = ''
		child.stdout?.on('data', (chunk) => {
			said += chunk
			const [, found] = /at (http:\S+)[\s\S]*picks that people send go to/.exec(said) ?? []
			if (found) done(found)
		})
		child.once('exit', (code) => fail(new Error(`serve ended with ${code}`)))
	})
	const send = (picks: readonly Feedback[]) =>
		fetch(`${url}api/feedback`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
			body: JSON.stringify({ secret: SECRET, picks }),
		})
	return { child, send }
}

describe('serve --collect', () => {
	it('has on the disk what it acknowledged, whenever it is killed', async () => {
		const dir = await temporaryFolder()
		const acknowledged: string[] = []
		for (const [turn, wait] of [0, 10].entries()) {
			const { child, send } = await startProcess(join(dir, 'data'))
			const ended = once(child, 'exit')
			for (let id = 0; child.exitCode === null && child.signalCode === null; id += 1) {
				const one = pick(turn * 10_000 + id)
				const sent = send([one]).catch(() => null)
				if (id === 3) void setTimeout(wait).then(() => child.kill('SIGKILL'))
				if ((await sent)?.status === 200) acknowledged.push(one.id)
			}
			await ended
		}
		const ids = (await readAllFeedback(effectsIn(dir))).map(({ line }) => line.id)
		expect(acknowledged.length).toBeGreaterThanOrEqual(6)
		expect(ids).toEqual(expect.arrayContaining(acknowledged))
		expect(new Set(ids).size).toBe(ids.length)
	})

	it('acknowledges nothing that a full disk refused, keeps what was there, and goes on', async () => {
		const dir = await temporaryFolder()
		const { send } = await startProcess(join(dir, 'data'), '160')
		const long = (id: number) => pick(id, { title: `${id} ${'x'.repeat(1_190)}` })
		const acknowledged: string[] = []
		let refused = 0
		// Two kilobytes each: the file's limit is met before the address's.
		for (let id = 0; id < 59 && refused < 3; id += 1) {
			const response = await send([long(id)])
			if (response.status === 200) acknowledged.push(long(id).id)
			else {
				await expectProblem(response, 503)
				refused += 1
			}
		}
		expect(refused).toBeGreaterThan(0)
		const ids = (await readAllFeedback(effectsIn(dir))).map(({ line }) => line.id)
		expect(ids).toEqual(expect.arrayContaining(acknowledged))
		expect(ids).toHaveLength(acknowledged.length)
	})

	it.each([
		[['--collect', '--no-api']],
		[['--behind-proxy', PROXY_HOST]],
		[['--collect', '--behind-proxy', `https://${PROXY_HOST}/`]],
	])('refuses options that contradict each other or are wrong: %j', async (flags) => {
		const effects = await testEffects()
		expect(await main(['serve', '--port', '0', ...flags], effects)).toBe(2)
	})
})
