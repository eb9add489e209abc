// The report's program: its components built for Node and for the browser, by Vite as the page is.
import { join, resolve } from 'node:path'
import type { Rolldown } from 'vite'
import type { ReportData } from '../../../src/charts/report/report-data.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

export interface ReportProgram {
	/** The report's body as HTML. */
	readonly render: (data: ReportData) => string
	/** A module that takes the rendered body over. */
	readonly script: string
	readonly css: string
}

let program: Promise<ReportProgram> | null = null

/** Built once a process: it takes a few seconds. */
export function loadReportProgram(): Promise<ReportProgram> {
	program ??= buildReportProgram().catch((error: unknown) => {
		program = null
		throw error
	})
	return program
}

async function buildReportProgram(): Promise<ReportProgram> {
	const server = await buildEntry('server.ts', true)
	const client = await buildEntry('client.ts', false)
	const { renderReport } = await importCode(codeOf(server))
	return { render: renderReport, script: codeOf(client), css: cssOf(client) }
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
