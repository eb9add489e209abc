// The credentials of a Reddit app: from the environment, or from a file that is not in the repository. Nothing here is ever quoted.
import { readFile, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, relative, resolve } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'

const REPOSITORY = resolve(import.meta.dirname, '../../..')

/** What an application-only token is asked with, and who answers for the requests. */
export interface Credentials {
	readonly clientId: string
	readonly clientSecret: string
	/** The Reddit account that answers for the app: Reddit's rules want it in the User-Agent. */
	readonly username: string
}

const Token = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,200}$/))
const Schema = v.object({
	clientId: Token,
	clientSecret: Token,
	username: v.pipe(
		v.string(),
		v.transform((name) => name.replace(/^\/?u\//, '')),
		v.regex(/^[A-Za-z0-9_-]{2,30}$/),
	),
})

const VARIABLES = {
	clientId: 'WHICHSUB_REDDIT_CLIENT_ID',
	clientSecret: 'WHICHSUB_REDDIT_CLIENT_SECRET',
	username: 'WHICHSUB_REDDIT_USERNAME',
} as const

const HOW_TO_GET =
	'make an app of type "script" at https://www.reddit.com/prefs/apps, then set ' +
	`${VARIABLES.clientId}, ${VARIABLES.clientSecret} and ${VARIABLES.username} (see docs/collect.md)`

/**
 * The environment wins over the file: `--credentials`, else `WHICHSUB_REDDIT_CREDENTIALS`, else
 * `whichsub/reddit.json` in the folder of the user's settings.
 *
 * @throws AppError `not-found` with how to get credentials, `bad-input` without a word of what was read
 */
export async function readCredentials(
	path: string | undefined,
	effects: Pick<Effects, 'env' | 'err'>,
): Promise<Credentials> {
	const { env } = effects
	const named = path ?? env.WHICHSUB_REDDIT_CREDENTIALS
	const fromEnv = path === undefined ? pickVariables(env) : {}
	if (Object.keys(fromEnv).length === Object.keys(VARIABLES).length)
		return check(fromEnv, (field) => VARIABLES[field])
	const file = resolve(named ?? defaultPath(env))
	const fromFile = await readCredentialsFile(file, named !== undefined, effects)
	if (!fromFile) throw missing(fromEnv)
	return check({ ...fromFile, ...fromEnv }, (field) => `${field} in ${file}`)
}

type Fields = Partial<Record<keyof Credentials, unknown>>

function pickVariables(env: Effects['env']): Fields {
	const entries = Object.entries(VARIABLES).map(([field, name]) => [field, env[name]])
	return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== ''))
}

function defaultPath(env: Effects['env']): string {
	const settings = env.XDG_CONFIG_HOME || env.APPDATA || join(env.HOME || homedir(), '.config')
	return join(settings, 'whichsub', 'reddit.json')
}

function missing(found: Fields): AppError {
	const lacking = Object.entries(VARIABLES).filter(([field]) => !(field in found))
	const what =
		lacking.length === Object.keys(VARIABLES).length
			? 'no credentials of a Reddit app'
			: `credentials are incomplete: ${lacking.map(([, name]) => name).join(', ')} not set`
	return new AppError('not-found', `${what}; ${HOW_TO_GET}`)
}

async function readCredentialsFile(
	file: string,
	isNamed: boolean,
	effects: Pick<Effects, 'err'>,
): Promise<Fields | null> {
	let text: string
	try {
		await refuseRepository(file)
		text = await readFile(file, 'utf8')
	} catch (error) {
		if (error instanceof AppError) throw error
		if (!isNamed) return null
		throw new AppError('not-found', `credentials could not be read: ${file}; ${HOW_TO_GET}`)
	}
	await warnIfShared(file, effects)
	try {
		const json: unknown = JSON.parse(text)
		if (json && typeof json === 'object') return json
	} catch {
		// The parser's own message would quote the file.
	}
	throw new AppError(
		'bad-input',
		`credentials are not JSON: ${file}; expected {"clientId": …, "clientSecret": …, "username": …}`,
	)
}

// A file in the repository is one `git add .` away from being published.
async function refuseRepository(file: string): Promise<void> {
	const path = relative(await realpath(REPOSITORY), await realpath(file))
	if (path.startsWith('..') || isAbsolute(path)) return
	throw new AppError(
		'bad-input',
		`credentials are inside the repository: ${path}; move them out, for example to ~/.config/whichsub/reddit.json`,
	)
}

async function warnIfShared(file: string, { err }: Pick<Effects, 'err'>): Promise<void> {
	if (process.platform === 'win32') return
	const { mode } = await stat(file)
	if (mode & 0o077) err(`others may read ${file}; run: chmod 600 ${file}`)
}

function check(fields: Fields, where: (field: keyof Credentials) => string): Credentials {
	const result = v.safeParse(Schema, fields, { abortEarly: true })
	if (result.success) return result.output
	const field = v.getDotPath(result.issues[0]) as keyof Credentials
	const what = fields[field] === undefined ? 'is missing' : 'is not what Reddit gives out'
	throw new AppError('bad-input', `credentials: ${where(field)} ${what}; ${HOW_TO_GET}`)
}
