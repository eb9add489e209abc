// Provokes every error there is and looks for a credential in everything that comes out.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createHarness, type Harness } from './harness.ts'
import { CLIENT_ID, CLIENT_SECRET, type Fault, type SeenRequest } from './reddit-server.ts'

const BASIC = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')
const TOKEN = /token-\d+-secret/

/** A server that says back what it was sent, in the place that the fault makes of it. */
function echo(make: (authorization: string) => Fault, path = /./) {
	return (request: SeenRequest): Fault | null =>
		path.test(request.path) ? make(request.headers.authorization ?? '') : null
}

const faults: [string, (request: SeenRequest) => Fault | null][] = [
	['credentials that are refused', echo((text) => ({ kind: 'body', status: 401, text }), /token/)],
	['a token that is no token', echo((text) => ({ kind: 'body', text }), /token/)],
	[
		'a token that may stand in no header',
		echo(
			(text) => ({
				kind: 'body',
				text: JSON.stringify({
					access_token: `${text}\ntoken-0-secret`,
					token_type: 'bearer',
					expires_in: 60,
				}),
			}),
			/token/,
		),
	],
	[
		'a token of the wrong kind',
		echo((text) => ({ kind: 'body', text: `{"a":"${text}"}` }), /token/),
	],
	['a blocked token', echo(() => ({ kind: 'block-page', status: 403 }), /token/)],
	['a refused token', echo((text) => ({ kind: 'body', status: 401, text }), /^\/(r|sub)/)],
	['a failing server', echo((text) => ({ kind: 'body', status: 500, text }), /^\/(r|sub)/)],
	['a teapot', echo((text) => ({ kind: 'body', status: 418, text }), /^\/(r|sub)/)],
	['a page that is no page', echo((text) => ({ kind: 'body', text }), /^\/(r|sub)/)],
	[
		'a listing of the wrong shape',
		echo(
			(text) => ({ kind: 'body', text: `{"kind":"Listing","data":{"after":"${text}"}}` }),
			/^\/(r|sub)/,
		),
	],
	[
		'a redirect to what was sent',
		echo((text) => ({ kind: 'redirect', location: `/r/${text.replace(/\W/g, '_')}` }), /^\/r\//),
	],
	['a dropped connection', () => ({ kind: 'drop' })],
	['no answer', () => ({ kind: 'hang' })],
	['a cut answer', () => ({ kind: 'cut' })],
	[
		'a post that says it',
		echo(
			(text) => ({
				kind: 'body',
				text: JSON.stringify({
					kind: 'Listing',
					data: { after: null, children: [{ kind: 't3', data: { id: text, title: 5 } }] },
				}),
			}),
			/^\/r\//,
		),
	],
]

async function everythingThatComesOut(harness: Harness): Promise<string> {
	const thrown: unknown[] = []
	const options = { selection: { kind: 'names', names: ['alpha', 'beta'] } } as const
	await harness.posts(options).then(
		(report) => thrown.push(report),
		(error) => thrown.push(error),
	)
	await harness.subreddits().then(
		(report) => thrown.push(report),
		(error) => thrown.push(error),
	)
	const database = await readFile(join(harness.effects.dataDir, 'posts.db'), 'latin1')
	const log = await readFile(join(harness.effects.dataDir, 'posts.db-wal'), 'latin1').catch(
		() => '',
	)
	return [inspect(thrown, { depth: 20 }), ...harness.lines, database, log].join('\n')
}

describe('a credential never comes out', () => {
	for (const [name, fault] of faults)
		it(`with ${name}`, async () => {
			const harness = await createHarness({ fault })
			harness.world.add('alpha', 3)
			harness.world.add('beta', 3)
			const text = await everythingThatComesOut(harness)
			expect(harness.server.requests.length).toBeGreaterThan(0)
			for (const secret of [CLIENT_ID, CLIENT_SECRET, BASIC]) expect(text).not.toContain(secret)
			expect(text).not.toMatch(TOKEN)
		})

	it('and would be found if it did', async () => {
		const harness = await createHarness()
		harness.lines.push(`bearer token-1-secret, ${CLIENT_SECRET}`)
		const text = await everythingThatComesOut(harness)
		expect(text).toContain(CLIENT_SECRET)
		expect(text).toMatch(TOKEN)
	})
})
