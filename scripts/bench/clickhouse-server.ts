// Starts ClickHouse in a process of its own: the embedded engine behind its HTTP interface. For benchmarks and tests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { POSTS, SOURCES } from '../lib/posts/clickhouse/tables.ts'

export const INSTALL_CLICKHOUSE = 'npm install --no-save chdb@3.4.0'
export const CLICKHOUSE_TOKEN = 'a-secret-token'

/** Whether the package `chdb` is installed: half a gigabyte, which nobody needs but for these. */
export function findClickHouse(): boolean {
	try {
		createRequire(import.meta.url).resolve('chdb')
		return true
	} catch {
		return false
	}
}

export interface ClickHouseServer {
	/** For WHICHSUB_DATABASE_URL. */
	readonly url: string
	/** Where it keeps its files. */
	readonly folder: string
	/** Leaves no tables. */
	clear(): Promise<void>
	/** The first column of the first row. */
	ask(query: string): Promise<string>
	run(statement: string): Promise<void>
	close(): Promise<void>
}

export async function startClickHouse(): Promise<ClickHouseServer> {
	const folder = await mkdtemp(join(tmpdir(), 'whichsub-clickhouse-'))
	const script = resolve(import.meta.dirname, 'clickhouse-process.ts')
	const args = ['--import', 'tsx', script, join(folder, 'db'), CLICKHOUSE_TOKEN]
	const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
	const [port] = await once(createInterface(child.stdout), 'line')
	const send = async (body: string) => {
		const headers = { authorization: `Basic ${btoa(`default:${CLICKHOUSE_TOKEN}`)}` }
		const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })
		const text = await answer.text()
		if (!answer.ok) throw new Error(text)
		return text
	}
	return {
		url: `clickhouse+http://127.0.0.1:${port}/default`,
		folder,
		ask: async (query) => (await send(`${query} FORMAT TSV`)).trim(),
		run: async (statement) => void (await send(statement)),
		async clear() {
			for (const name of [POSTS, SOURCES]) await send(`DROP TABLE IF EXISTS ${name} SYNC`)
		},
		async close() {
			child.kill('SIGKILL')
			await once(child, 'close')
			await rm(folder, { recursive: true, force: true })
		},
	}
}
