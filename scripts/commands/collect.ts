// `whichsub collect subreddits` and `whichsub collect posts`: from Reddit's API into the posts' database.
import { Command, Option } from '@commander-js/extra-typings'
import * as v from 'valibot'
import packageJson from '../../package.json' with { type: 'json' }
import { withRealTime } from '../lib/collect/clock.ts'
import { collectPosts } from '../lib/collect/collect-posts.ts'
import { collectSubreddits, formatSubredditsReport } from '../lib/collect/collect-subreddits.ts'
import { readCredentials } from '../lib/collect/credentials.ts'
import { formatPostsReport } from '../lib/collect/posts-report.ts'
import type { ApiOptions } from '../lib/collect/reddit-api.ts'
import type { Selection } from '../lib/collect/selection.ts'
import { formatUserAgent } from '../lib/collect/user-agent.ts'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { asCount, asPositiveNumber, readAs } from '../lib/flag-values.ts'
import { readSubredditsFile } from '../lib/posts/selection.ts'

const AUTH_URL = new URL('https://www.reddit.com/')
const API_URL = new URL('https://oauth.reddit.com/')
const REQUESTS_PER_MINUTE = 100
const TIMEOUT_MS = 30_000
const DEFAULT_SUBREDDITS = 5_000
const DEFAULT_NEWEST = 1_000

export const createCollectCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('collect')
			.description("collect subreddits and posts through Reddit's API")
			.addCommand(createSubredditsCommand(effects))
			.addCommand(createPostsCommand(effects)),
	)

function createSubredditsCommand(effects: () => Effects) {
	return withApiOptions('subreddits')
		.description('list the most popular subreddits, or refresh the list')
		.option('--limit <number>', 'how many subreddits', asCount, DEFAULT_SUBREDDITS)
		.action(async (options) => {
			const { limit, startOver, json } = options
			const real = withRealTime(effects())
			const api = await readApiOptions(options, real)
			const report = await collectSubreddits({ api, limit, startOver }, real)
			real.out(json ? JSON.stringify(report) : formatSubredditsReport(report))
		})
}

function createPostsCommand(effects: () => Effects) {
	return withApiOptions('posts')
		.description('collect the newest posts of subreddits; an interrupted run is resumed')
		.option('--newest <number>', 'how many posts of each subreddit', asCount, DEFAULT_NEWEST)
		.option('--subreddits <file>', 'collect from the subreddits named in this file, one per line')
		.addOption(
			new Option(
				'--top <number>',
				`collect from this many of the most popular subreddits (default: ${DEFAULT_SUBREDDITS})`,
			)
				.argParser(asCount)
				.conflicts('subreddits'),
		)
		.option('--over-18', 'keep posts marked over 18, too', false)
		.action(async (options) => {
			const { newest, over18, startOver, json } = options
			const real = withRealTime(effects())
			const selection: Selection = options.subreddits
				? { kind: 'names', names: await readSubredditsFile(options.subreddits) }
				: { kind: 'top', count: options.top ?? DEFAULT_SUBREDDITS }
			const api = await readApiOptions(options, real)
			const report = await collectPosts({ api, newest, selection, over18, startOver }, real)
			real.out(json ? JSON.stringify(report) : formatPostsReport(report))
		})
}

// Credentials are no options: other users of the machine can read a command line.
function withApiOptions(name: string) {
	return new Command(name)
		.option(
			'--credentials <file>',
			'JSON file with clientId, clientSecret and username of a Reddit app',
		)
		.option('--auth-url <url>', 'where to get access tokens', asBaseUrl, AUTH_URL)
		.option('--api-url <url>', 'where to get the data', asBaseUrl, API_URL)
		.option(
			'--requests-per-minute <number>',
			'send at most this many; fewer if Reddit asks for it',
			asPositiveNumber,
			REQUESTS_PER_MINUTE,
		)
		.option('--start-over', 'start a new run, even if an interrupted one could be resumed', false)
		.option('--json', 'print the report as JSON', false)
}

interface GivenApiOptions {
	readonly credentials?: string | undefined
	readonly authUrl: URL
	readonly apiUrl: URL
	readonly requestsPerMinute: number
}

async function readApiOptions(given: GivenApiOptions, effects: Effects): Promise<ApiOptions> {
	const { authUrl, apiUrl, requestsPerMinute } = given
	const credentials = await readCredentials(given.credentials, effects)
	const userAgent = formatUserAgent(packageJson.version, credentials.username)
	return { authUrl, apiUrl, requestsPerMinute, credentials, userAgent, timeoutMs: TIMEOUT_MS }
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

// The secret goes to these: only encrypted, or not over any network.
const asBaseUrl = readAs(
	v.pipe(
		v.string(),
		v.check((text) => URL.canParse(text), 'expected a URL'),
		v.transform((text) => new URL(text)),
		v.check(
			({ username, password }) => username + password === '',
			'expected a URL without user and password',
		),
		v.check(
			({ protocol, hostname }) =>
				protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname)),
			'expected an https: URL; http: only on this machine',
		),
		v.transform((url) => {
			if (!url.pathname.endsWith('/')) url.pathname += '/'
			return url
		}),
	),
)
