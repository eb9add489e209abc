// No request may end the process: a few thousand random ones, well-formed and not, against a real server process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compiled } from '../../fixtures/compiled.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

async function startProcess(): Promise<{ port: number; child: ChildProcess }> {
	const dir = await temporaryFolder()
	const [dist, models] = [join(dir, 'dist'), join(dir, 'models')]
	await mkdir(join(dist, 'assets'), { recursive: true })
	await mkdir(join(models, '20130601.0'), { recursive: true })
	await writeFile(join(dist, 'index.html'), '<title>page</title>')
	await writeFile(join(dist, 'assets/page-abc.js'), 'x'.repeat(10_000))
	await writeFile(join(dist, 'assets/page-abc.js.br'), 'x'.repeat(100))
	await writeFile(join(models, 'releases.json'), '{}')
	await writeFile(join(models, '20130601.0/model.ftz.gzip'), new Uint8Array(100_000))
	const args = [await compiled('scripts/cli.ts'), '--models', models, 'serve', '--dist', dist]
	const child = spawn(process.execPath, [...args, '--port', '0'], {
		stdio: ['ignore', 'pipe', 'inherit'],
	})
	onTestFinished(() => {
		child.kill()
	})
	const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
	const [line] = (await once(lines, 'line')) as [string]
	return { port: Number(new URL(/http:\S+/.exec(line)?.[0] ?? '').port), child }
}

const path = fc.oneof(
	fc.constantFrom(
		'/',
		'/index.html',
		'/assets/page-abc.js',
		'/models/releases.json',
		'/models/20130601.0/model.ftz.gzip',
		'/models/',
		'/assets',
		'//',
		'/..%2f..%2fetc/passwd',
		'/%00',
		'/%',
		'/%E0%A4%A',
		'/models/../../..',
		'/.git/config',
	),
	fc.webPath(),
	fc.string({ maxLength: 200 }).map((text) => `/${encodeURI(text.replace(/\p{Surrogate}/gu, ''))}`),
	fc
		.string({
			minLength: 1,
			maxLength: 50,
			unit: fc.constantFrom('/', '.', '%', '2', 'f', 'a', '?'),
		})
		.map((text) => `/${text}`),
)

const range = fc.oneof(
	fc.constantFrom(
		'bytes=5-2',
		'bytes=-5',
		'bytes=-',
		'bytes=',
		'bytes=0-99999999999',
		'-',
		'bytes=1-2,3-4',
	),
	fc.tuple(fc.integer(), fc.integer()).map(([a, b]) => `bytes=${a}-${b}`),
	fc
		.string({ maxLength: 20, unit: fc.constantFrom('0', '9', '-', '=', ',', 'b', ' ') })
		.map((text) => `bytes${text}`),
)

const headers = fc.record(
	{
		range,
		'accept-encoding': fc.oneof(
			fc.constantFrom('br', 'gzip, br', '*', 'br;q=0', ';;;', ',', 'identity;q=0, *;q=0'),
			fc.string({
				maxLength: 30,
				unit: fc.constantFrom('b', 'r', ';', 'q', '=', '0', '.', ',', '*', ' '),
			}),
		),
		'if-none-match': fc.constantFrom('*', 'W/"', '"x"', ','),
		'if-modified-since': fc.constantFrom('yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT', ''),
		'if-range': fc.constantFrom('"x"', 'yesterday'),
		'content-length': fc.constantFrom('0', '5'),
	},
	{ requiredKeys: [] },
)

const method = fc.constantFrom(
	'GET',
	'GET',
	'GET',
	'HEAD',
	'POST',
	'PUT',
	'OPTIONS',
	'TRACE',
	'DELETE',
)

/** The status, or the reason why there is none: a connection that the server closes is an answer, too. */
function ask(port: number, options: { path: string; method: string; headers: object }) {
	return new Promise<number | string>((done) => {
		try {
			const outgoing = request(
				{ port, host: 'localhost', ...options, headers: { ...options.headers } },
				(response) => {
					response.resume()
					response.on('close', () => done(response.statusCode ?? 0))
				},
			)
			outgoing.setTimeout(20_000, () => outgoing.destroy(new Error('timeout')))
			outgoing.on('error', (error) => done(error.message))
			outgoing.end()
		} catch (error) {
			// Node's client refuses to send it.
			done(String(error))
		}
	})
}

/** Sends bytes as they are, and hangs up after a while, in the middle of a request perhaps. */
function sendRaw(port: number, bytes: Uint8Array): Promise<void> {
	return new Promise((done) => {
		const socket = connect({ port, host: 'localhost' }, () => socket.end(bytes))
		socket.resume()
		socket.setTimeout(300, () => socket.destroy())
		socket.on('error', () => {})
		socket.on('close', () => done())
	})
}

describe('serve', () => {
	it('answers thousands of random requests and goes on', async () => {
		const { port, child } = await startProcess()
		const seen = new Map<number | string, number>()
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({ path, method, headers }), { minLength: 20, maxLength: 20 }),
				async (requests) => {
					const answers = await Promise.all(requests.map((one) => ask(port, one)))
					for (const answer of answers) seen.set(answer, (seen.get(answer) ?? 0) + 1)
					expect(answers).not.toContain(500)
					expect(answers).not.toContain('timeout')
					expect(child.exitCode).toBeNull()
				},
			),
			{ numRuns: 150 },
		)
		// The generator reaches what is there and what is not.
		for (const status of [200, 404, 405]) expect(seen.get(status) ?? 0).toBeGreaterThan(20)
	})

	it('outlives what is no HTTP at all', async () => {
		const { port, child } = await startProcess()
		const start = fc.constantFrom(
			'GET / HTTP/1.1\r\nHost: x\r\n',
			'GET ',
			'HTTP/1.1 200',
			'\r\n',
			'GET / HTTP/1.1\r\nRange: bytes=5-2\r\nHost: x\r\n\r\n',
		)
		await fc.assert(
			fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), async (text, bytes) => {
				await sendRaw(port, Buffer.concat([Buffer.from(text), bytes]))
				expect(child.exitCode).toBeNull()
			}),
			{ numRuns: 150 },
		)
		expect(await ask(port, { path: '/', method: 'GET', headers: {} })).toBe(200)
	})
})
