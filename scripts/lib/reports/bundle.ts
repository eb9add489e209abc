// The report's program: its components built for Node and for the browser, by Vite as the page is.
import { join, resolve } from 'node:path'
import type { Rolldown } from 'vite'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { type BuiltProgram, digestFiles, readOrBuild } from './kept-program.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const CACHE = join(ROOT, 'node_modules/.cache/whichsub')
/** All that charts may import, and all that says how it is built. */
const SOURCES = [
	'package-lock.json',
	'scripts/lib/reports/bundle.ts',
	'src/charts',
	'src/shared',
	'svelte.config.js',
	'tsconfig.json',
]

export interface ReportProgram {
	/** The report's body as HTML. */
	readonly render: (data: ReportData) => string
	/** A module that takes the rendered body over. */
	readonly script: string
	readonly css: string
}

let program: Promise<ReportProgram> | null = null

/** Built once for each version of its sources, which takes a few seconds, and kept for the next process. */
export function loadReportProgram(): Promise<ReportProgram> {
	program ??= loadProgram().catch((error: unknown) => {
		program = null
		throw error
	})
	return program
}

async function loadProgram(): Promise<ReportProgram> {
	// Vite builds something else for development and for tests.
	const path = join(CACHE, `report-${process.env.NODE_ENV ?? 'production'}.json`)
	const { server, client, css } = await readOrBuild(
		path,
		await digestFiles(ROOT, SOURCES),
		buildProgram,
	)
	const { renderReport } = await importCode(server)
	return { render: renderReport, script: client, css }
}

async function buildProgram(): Promise<BuiltProgram> {
	const server = await buildEntry('server.ts', true)
	const client = await buildEntry('client.ts', false)
	return { server: codeOf(server), client: codeOf(client), css: cssOf(client) }
}

async function buildEntry(file: string, isForNode: boolean): Promise<Rolldown.RolldownOutput> {
	// Vite is large: only who makes a report waits for it.
	const [{ build }, { svelte }] = await Promise.all([
		import('vite'),
		import('@sveltejs/vite-plugin-svelte'),
	])
	const built = await build({
		root: ROOT,
		configFile: false,
		publicDir: false,
		logLevel: 'error',
		plugins: [svelte()],
		ssr: { noExternal: true },
		build: {
			ssr: isForNode,
			write: false,
			target: 'es2022',
			minify: !isForNode,
			cssCodeSplit: false,
			modulePreload: false,
			rolldownOptions: { input: join(ROOT, 'src/charts/report', file) },
		},
	})
	return (Array.isArray(built) ? built[0] : built) as Rolldown.RolldownOutput
}

async function importCode(code: string): Promise<{ renderReport: (data: ReportData) => string }> {
	return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)
}

function codeOf({ output }: Rolldown.RolldownOutput): string {
	return output[0].code
}

function cssOf({ output }: Rolldown.RolldownOutput): string {
	return output
		.map((file) => (file.type === 'asset' && file.fileName.endsWith('.css') ? file.source : ''))
		.join('')
}
