import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type GitHub, openGitHub } from '../../../../scripts/lib/github/client.ts'
import { COMMENT_MARKER, putComment } from '../../../../scripts/lib/github/comment.ts'
import {
	findPullRequest,
	proposePullRequest,
} from '../../../../scripts/lib/github/pull-requests.ts'
import { startWorkflow } from '../../../../scripts/lib/github/start.ts'
import { MAX_COMMENT_CHARACTERS } from '../../../../scripts/lib/reports/document.ts'
import { BOT, GitHubServer, TOKEN } from '../../../fixtures/github-server.ts'

const NOW = new Date('2026-01-15T12:00:00Z')
const PULLS = 'GET /repos/{owner}/{repo}/pulls'

const server = new GitHubServer()
let github: GitHub
const said: string[] = []

beforeAll(() => server.listen())
afterAll(() => server.close())
beforeEach(() => {
	server.comments.length = 0
	server.pullRequests.length = 0
	server.started.length = 0
	server.requests.length = 0
	server.running.clear()
	server.failWith = null
	server.refusals.length = 0
	said.length = 0
	github = open()
})

function open(env: Record<string, string | undefined> = {}, signal = new AbortController().signal) {
	const err = (line: string) => void said.push(line)
	return openGitHub({ env: { ...server.env, ...env }, signal, err, now: () => NOW })
}

describe('openGitHub', () => {
	it('refuses an address to which the token would go unencrypted', () => {
		expect(() => open({ GITHUB_API_URL: 'http://api.example.com' })).toThrow('https:')
		expect(() => open({ GITHUB_API_URL: 'no address' })).toThrow('https:')
	})

	it('says what is missing outside a job', () => {
		expect(() => open({ GITHUB_TOKEN: undefined })).toThrow('GITHUB_TOKEN is not set')
		expect(() => open({ GITHUB_REPOSITORY: '../etc' })).toThrow('owner/name')
	})

	it('tells an error of the server from no answer, and never shows the token', async () => {
		server.failWith = 503
		const failure = await github.call('GET /repos/{owner}/{repo}/pulls').catch((error) => error)
		expect(failure).toMatchObject({ code: 'server', message: expect.stringContaining('503') })
		expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(TOKEN)
		const nobody = open({ GITHUB_API_URL: 'http://127.0.0.1:9' })
		await expect(nobody.call('GET /repos/{owner}/{repo}/pulls')).rejects.toMatchObject({
			code: 'network',
		})
	})

	it('names the permission where the token may not', async () => {
		await expect(
			open({ GITHUB_TOKEN: 'another' }).call('GET /repos/{owner}/{repo}/pulls'),
		).rejects.toThrow(/401.*permission/)
	})

	it('stops on request', async () => {
		const stop = new AbortController()
		const stopped = open({}, stop.signal)
		stop.abort()
		await expect(stopped.call('GET /repos/{owner}/{repo}/pulls')).rejects.toMatchObject({
			code: 'aborted',
		})
	})
})

describe('a rate limit', () => {
	const reset = (seconds: number) => ({
		'x-ratelimit-remaining': '0',
		'x-ratelimit-reset': `${NOW.getTime() / 1000 + seconds}`,
	})

	it.each([
		[
			403,
			{ 'retry-after': '0' },
			'You have exceeded a secondary rate limit',
			'secondary rate limit',
		],
		[429, { 'retry-after': '0' }, 'Too many requests', 'secondary rate limit'],
		[403, { 'retry-after': 'Thu, 15 Jan 2026 12:00:00 GMT' }, 'wait', 'secondary rate limit'],
		[403, reset(0), 'API rate limit exceeded', 'rate limit'],
	])('of status %i and %o is waited for, by its name', async (status, headers, message, name) => {
		server.refusals.push({ status, headers, message })
		expect(await github.call(PULLS)).toEqual([])
		expect(said).toEqual([
			`waiting 0.0 s, until 2026-01-15T12:00:00Z: GitHub's ${name} is reached (${PULLS})`,
		])
		expect(server.requests).toHaveLength(2)
	})

	it('is waited for as long as it asks, and not longer than until a signal', async () => {
		for (const [headers, wait] of [
			[{ 'retry-after': '90' }, '1 min 30 s'],
			[reset(120), '2 min 00 s'],
			[{}, '1 min 00 s'],
		] as const) {
			said.length = 0
			const stop = new AbortController()
			server.refusals.push({ status: 403, headers, message: 'a secondary rate limit' })
			const asked = open({}, stop.signal).call(PULLS)
			await expect.poll(() => said[0]).toMatch(new RegExp(`^waiting ${wait}, until `))
			stop.abort()
			await expect(asked).rejects.toMatchObject({ code: 'aborted' })
		}
	})

	it('that lasts for hours ends the command, with the time', async () => {
		server.refusals.push({ status: 403, headers: reset(7200), message: 'API rate limit exceeded' })
		await expect(github.call(PULLS)).rejects.toMatchObject({
			code: 'server',
			message: `GitHub's rate limit is reached: ${PULLS}; run it again after 2026-01-15T14:00:00Z`,
		})
	})

	it('is told from a missing permission', async () => {
		const headers = { 'x-ratelimit-remaining': '4999' }
		server.refusals.push({ status: 403, headers, message: 'Resource not accessible' })
		await expect(github.call(PULLS)).rejects.toThrow(/403.*permission/)
	})
})

describe('putComment', () => {
	const put = (text: string) => putComment({ pullRequest: 7, text, author: BOT }, github)

	it('writes one comment and changes it from then on', async () => {
		expect(await put('recall@5 0.51')).toBe('created')
		expect(await put('recall@5 0.52')).toBe('updated')
		expect(await put('recall@5 0.52')).toBe('unchanged')
		expect(server.comments).toHaveLength(1)
		expect(server.comments[0]?.body).toBe(`${COMMENT_MARKER}\nrecall@5 0.52`)
	})

	it('leaves one comment of two jobs that write at once', async () => {
		server.listsTogether = 2
		const changes = await Promise.all([put('of one'), put('of the other')])
		expect(changes.sort()).toEqual(['created', 'updated'])
		expect(server.comments).toHaveLength(1)
	})

	it('takes away what two jobs once left', async () => {
		for (const text of ['older', 'younger']) server.addComment(7, `${COMMENT_MARKER}\n${text}`)
		const [older] = server.comments
		expect(await put('of now')).toBe('updated')
		expect(server.comments).toEqual([{ ...older, body: `${COMMENT_MARKER}\nof now` }])
	})

	it('finds its comment behind hundreds of others', async () => {
		for (let id = 0; id < 230; id += 1) server.addComment(7, `number ${id}`, 'somebody')
		await put('first')
		for (let id = 0; id < 50; id += 1) server.addComment(7, `later ${id}`, 'somebody')
		expect(await put('second')).toBe('updated')
		expect(server.comments).toHaveLength(281)
	})

	it('leaves the comment of a stranger who wrote the marker alone', async () => {
		server.addComment(7, `${COMMENT_MARKER}\nmine`, 'stranger')
		expect(await put('ours')).toBe('created')
		expect(server.comments[0]?.body).toContain('mine')
	})

	it('does not touch another pull request', async () => {
		server.addComment(8, `${COMMENT_MARKER}\nof another`)
		expect(await put('ours')).toBe('created')
	})

	it('refuses what GitHub would refuse', async () => {
		await expect(put('x'.repeat(MAX_COMMENT_CHARACTERS))).rejects.toThrow('characters')
		expect(server.requests).toEqual([])
	})
})

describe('findPullRequest', () => {
	const head = { ref: 'topic', sha: 'a'.repeat(40), owner: 'stranger' }

	it('finds the one whose newest commit it is', async () => {
		server.addPullRequest({ head: { ...head, owner: 'another' } })
		const { number } = server.addPullRequest({ head })
		const asked = { owner: head.owner, branch: head.ref, sha: head.sha }
		expect(await findPullRequest(asked, github)).toMatchObject({ number })
		expect(await findPullRequest({ ...asked, sha: 'b'.repeat(40) }, github)).toBeNull()
	})
})

describe('proposePullRequest', () => {
	it('opens one, and writes anew into one that is open', async () => {
		const proposal = { branch: 'release/20200602.0', base: 'main', title: 'A', body: 'a' }
		const first = await proposePullRequest(proposal, github)
		const second = await proposePullRequest({ ...proposal, title: 'B' }, github)
		expect(second.number).toBe(first.number)
		expect(server.pullRequests).toMatchObject([{ title: 'B', base: 'main' }])
	})
})

describe('startWorkflow', () => {
	const plan = { workflow: 'model.yml', branch: 'main', why: 'drift' }

	it('starts it with the reason', async () => {
		expect(await startWorkflow(plan, github)).toEqual({ kind: 'started' })
		expect(server.started).toEqual([
			{ workflow: 'model.yml', ref: 'main', inputs: { why: 'drift' } },
		])
	})

	it('starts nothing while it runs, or while a release waits for an answer', async () => {
		server.running.set('model.yml', 'https://github.com/somebody/whichsub/actions/runs/1')
		expect(await startWorkflow(plan, github)).toMatchObject({ kind: 'running' })
		server.running.clear()
		server.addPullRequest({ head: { ref: 'release/20200602.0', sha: '', owner: 'somebody' } })
		expect(await startWorkflow(plan, github)).toMatchObject({ kind: 'proposed' })
		expect(server.started).toEqual([])
	})
})
