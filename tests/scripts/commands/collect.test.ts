import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { main } from '../../../scripts/main.ts'
import { temporaryFolder, testEffects } from '../../fixtures/effects.ts'
import { CLIENT_ID, CLIENT_SECRET, RedditServer } from '../lib/collect/reddit-server.ts'
import { RedditWorld } from '../lib/collect/reddit-world.ts'

const CREDENTIALS = {
	WHICHSUB_REDDIT_CLIENT_ID: CLIENT_ID,
	WHICHSUB_REDDIT_CLIENT_SECRET: CLIENT_SECRET,
	WHICHSUB_REDDIT_USERNAME: 'tester',
}

async function startReddit() {
	const world = new RedditWorld()
	world.add('alpha', 130)
	world.add('beta', 20)
	const server = await RedditServer.start({ world, rateLimit: null })
	onTestFinished(() => server.close())
	const urls = ['--auth-url', server.url.href, '--api-url', server.url.href]
	return { world, server, options: [...urls, '--requests-per-minute', '100000'] }
}

async function createEffects(env: Record<string, string> = CREDENTIALS) {
	// Whoever runs the tests may have credentials of their own in their home.
	return testEffects({ env: { HOME: '/nonexistent', ...env } })
}

describe('whichsub collect', () => {
	it('goes from credentials to posts', async () => {
		const { server, options } = await startReddit()
		const effects = await createEffects()
		expect(await main(['collect', 'subreddits', ...options], effects)).toBe(0)
		expect(effects.said.out.at(-1)).toMatch(/^2 popular subreddits: 2 new/)
		expect(await main(['collect', 'posts', '--newest', '100', ...options], effects)).toBe(0)
		expect(effects.said.out.at(-1)).toMatch(/^120 new posts of 2 subreddits/)
		const agents = new Set(server.requests.map(({ headers }) => headers['user-agent']))
		expect([...agents].join()).toMatch(/^\w+:whichsub:v\d+\.\d+\.\d+ \(by \/u\/tester\)$/)
	})

	it('reads a list of names and reports as JSON', async () => {
		const { options } = await startReddit()
		const effects = await createEffects()
		const list = join(await temporaryFolder(), 'list.txt')
		await writeFile(list, 'r/beta\nnosuch\n')
		const args = ['collect', 'posts', '--subreddits', list, '--json', ...options]
		expect(await main(args, effects)).toBe(0)
		expect(JSON.parse(effects.said.out.join(''))).toMatchObject({
			subreddits: { selected: 2, finished: 1, setAside: 1, failed: 0, left: 0 },
			refused: { missing: 1 },
			posts: { added: 20 },
		})
	})

	it('reads the most popular of those that are known', async () => {
		const { options } = await startReddit()
		const effects = await createEffects()
		await main(['collect', 'subreddits', '--limit', '2', ...options], effects)
		await main(['collect', 'posts', '--top', '1', ...options], effects)
		expect(effects.said.out.at(-1)).toMatch(/^130 new posts of 1 subreddits/)
	})

	it('exits 1 with how to get credentials where there are none', async () => {
		const { options } = await startReddit()
		for (const name of ['subreddits', 'posts']) {
			const effects = await createEffects({})
			expect(await main(['collect', name, ...options], effects)).toBe(1)
			expect(effects.said.err).toHaveLength(1)
			expect(effects.said.err[0]).toMatch(
				/no credentials of a Reddit app; make an app.*prefs\/apps/,
			)
		}
	})

	it('exits 1 in one line when Reddit refuses the credentials', async () => {
		const { options } = await startReddit()
		const secret = 'another-secret'
		const effects = await createEffects({
			...CREDENTIALS,
			WHICHSUB_REDDIT_CLIENT_SECRET: secret,
		})
		expect(await main(['collect', 'subreddits', ...options], effects)).toBe(1)
		expect(effects.said.err).toEqual([
			expect.stringMatching(/refuses the credentials \(HTTP 401\)/),
		])
		expect(effects.said.err.join()).not.toContain(secret)
	})

	it('asks below the path of a URL, which may have a query', async () => {
		const { server, options } = await startReddit()
		const authUrl = `${server.url.href}proxy?key=1`
		const args = ['collect', 'subreddits', ...options, '--auth-url', authUrl]
		expect(await main(args, await createEffects())).toBe(1)
		expect(server.requests[0]?.path).toBe('/proxy/api/v1/access_token')
	})

	it('says what a pace can be', async () => {
		const effects = await createEffects()
		await main(['collect', 'posts', '--requests-per-minute', '0'], effects)
		expect(effects.said.err.join('\n')).toContain('Expected a number above 0.')
	})

	const wrong: [string, string[]][] = [
		['both a file and a number of subreddits', ['posts', '--top', '3', '--subreddits', 'x']],
		['no number', ['posts', '--newest', 'all']],
		['a limit of nothing', ['subreddits', '--limit', '0']],
		['an unknown option', ['subreddits', '--secret', 'x']],
		['no URL', ['subreddits', '--api-url', 'reddit']],
		['a URL with a password', ['subreddits', '--api-url', 'https://a:b@reddit.invalid']],
		['an open connection over a network', ['posts', '--auth-url', 'http://reddit.invalid']],
		['a pace of nothing', ['posts', '--requests-per-minute', '0']],
		['neither subreddits nor posts', []],
	]
	for (const [name, args] of wrong)
		it(`exits 2 with the help on ${name}`, async () => {
			const effects = await createEffects()
			expect(await main(['collect', ...args], effects)).toBe(2)
			expect(effects.said.err.join('\n')).toContain('Usage: whichsub collect')
		})
})
