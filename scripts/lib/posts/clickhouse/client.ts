// A connection to ClickHouse over HTTP, by its official client: queries, inserts, and errors that say what to do.
import { Readable } from 'node:stream'
import type { ClickHouseClient, DataFormat } from '@clickhouse/client'
import { AppError, errorMessage } from '../../../../src/shared/app-error.ts'
import type { Effects } from '../../effects.ts'

/** `clickhouse:` is over TLS; over plain HTTP, as on this machine or a network of one's own, it is said. */
const PROTOCOLS: Readonly<Record<string, { readonly http: string; readonly port: string }>> = {
	'clickhouse:': { http: 'https:', port: '8443' },
	'clickhouse+http:': { http: 'http:', port: '8123' },
}

const TIMEOUT_MS = 600_000
const FORMAT = 'JSONCompactEachRow' satisfies DataFormat
const SETTINGS = { output_format_json_quote_64bit_integers: 0 } as const
/** Errors of ClickHouse: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp */
const REFUSED = new Set(['192', '193', '194', '497', '516'])
const NO_DATABASE = '81'
const TOO_MUCH_MEMORY = '241'
const DISK_FULL = '243'

export type Repeat = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Named values of a query, as in `{name:String}`. */
export type Parameters = Readonly<Record<string, unknown>>

export interface ClickHouse {
	/** As a message may show it. */
	readonly location: string
	query<Row>(sql: string, parameters?: Parameters): Promise<Row[]>
	/** In blocks, as they come. */
	stream<Row>(sql: string, parameters?: Parameters): AsyncGenerator<Row[]>
	command(sql: string, parameters?: Parameters): Promise<void>
	insert(table: string, columns: readonly string[], rows: readonly unknown[][]): Promise<void>
	close(): Promise<void>
}

export function isClickHouse(url: string | undefined): url is string {
	return url !== undefined && URL.canParse(url) && new URL(url).protocol in PROTOCOLS
}

/**
 * @param repeat carries out a request, perhaps again after a failure that may pass
 * @throws AppError `bad-input` for an URL with a password, `missing-tool` without the client's package
 */
export async function connect(
	url: string,
	{ env }: Pick<Effects, 'env'>,
	repeat: Repeat = (work) => work(),
): Promise<ClickHouse> {
	const place = readUrl(url)
	const { createClient, ClickHouseLogLevel } = await loadClient()
	const client = createClient({
		url: place.url,
		username: place.user,
		password: env.WHICHSUB_DATABASE_TOKEN ?? '',
		database: place.database,
		request_timeout: TIMEOUT_MS,
		application: 'whichsub',
		// What went wrong is said once, by the error.
		log: { level: ClickHouseLogLevel.OFF },
		clickhouse_settings: SETTINGS,
	})
	return wrapClient(client, place.location, repeat)
}

function readUrl(url: string) {
	const { protocol, hostname, port, pathname, username, password } = new URL(url)
	const { http, port: usual } = PROTOCOLS[protocol] ?? { http: '', port: '' }
	const host = `${hostname}:${port || usual}`
	const location = `${protocol}//${host}${pathname}`
	if (password !== '')
		throw new AppError(
			'bad-input',
			`WHICHSUB_DATABASE_URL carries a password: ${location}; put it into WHICHSUB_DATABASE_TOKEN`,
		)
	const database = decodeURIComponent(pathname.slice(1)) || 'default'
	const user = decodeURIComponent(username) || 'default'
	return { url: new URL(`${http}//${host}`), location, database, user }
}

async function loadClient() {
	try {
		return await import('@clickhouse/client')
	} catch (error) {
		throw new AppError(
			'missing-tool',
			'posts in ClickHouse need its client; run: npm install @clickhouse/client',
			error,
		)
	}
}

function wrapClient(client: ClickHouseClient, location: string, repeat: Repeat): ClickHouse {
	const guard = <Result>(work: () => Promise<Result>): Promise<Result> =>
		repeat(() =>
			work().catch((error: unknown) => {
				throw describeError(error, location)
			}),
		)
	const ask = (query: string, parameters: Parameters) =>
		client.query({ query, format: FORMAT, query_params: { ...parameters } })
	return {
		location,
		query: (sql, parameters = {}) =>
			guard(async () => (await ask(sql, parameters)).json()) as Promise<never>,
		async *stream<Row>(sql: string, parameters: Parameters = {}): AsyncGenerator<Row[]> {
			const result = await guard(() => ask(sql, parameters))
			try {
				for await (const rows of result.stream()) yield rows.map((row) => row.json<Row>())
			} catch (error) {
				throw describeError(error, location)
			} finally {
				result.close()
			}
		},
		command: (query, parameters = {}) =>
			guard(async () => {
				await client.command({ query, query_params: { ...parameters } })
			}),
		insert: (table, columns, rows) =>
			guard(async () => {
				const values = Readable.from(rows)
				const names = [...columns] as [string, ...string[]]
				await client.insert({ table, values, format: FORMAT, columns: names })
			}),
		close: () => client.close(),
	}
}

function describeError(error: unknown, location: string): unknown {
	if (error instanceof AppError) return error
	const { code = '' } = error as { readonly code?: string }
	const fail = (kind: AppError['code'], message: string) => new AppError(kind, message, error)
	if (REFUSED.has(code))
		return fail(
			'bad-input',
			`database refused the user or the token: ${location}; check WHICHSUB_DATABASE_URL and WHICHSUB_DATABASE_TOKEN`,
		)
	if (code === NO_DATABASE)
		return fail('not-found', `no such database: ${location}; create it, or name another one`)
	if (code === TOO_MUCH_MEMORY)
		return fail(
			'out-of-memory',
			`ClickHouse ran out of memory: ${location}: ${errorMessage(error)}`,
		)
	if (code === DISK_FULL)
		return fail('storage-full', `disk of ClickHouse is full: ${location}; free some space there`)
	if (isNetworkError(error))
		return fail(
			'network',
			`database did not answer: ${location}; check the server and WHICHSUB_DATABASE_URL`,
		)
	return error
}

function isNetworkError(error: unknown): boolean {
	const { code = '' } = error as NodeJS.ErrnoException
	const isOfSystem =
		/^(E[A-Z]+|CERT_|DEPTH_|SELF_SIGNED|UNABLE_|ERR_(TLS|SSL|STREAM_PREMATURE))/.test(code)
	return isOfSystem || /timeout|socket hang up/i.test(errorMessage(error))
}
