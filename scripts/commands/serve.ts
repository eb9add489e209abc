// `whichsub serve`: the built page, the releases and the API on localhost, with the headers that a good static host sets.

import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { AppError } from '../../src/shared/app-error.ts'
import { ADDRESS_LIMITS, AddressCounter } from '../lib/api/address-limits.ts'
import { startApi } from '../lib/api/api.ts'
import { hostOf } from '../lib/api/same-origin.ts'
import { asCommand, type CreateCommand, checkUsage } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { ReceivedPicks } from '../lib/feedback/received.ts'
import { asPort } from '../lib/flag-values.ts'
import { startServer } from '../lib/server.ts'

const DEFAULT_PORT = 4173
const DIST = resolve(import.meta.dirname, '../../dist')

const NOTES = `
Programs ask the same server: POST /api/predict takes up to 1,000 titles as JSON and answers with what predict --json says;
GET /api/openapi.json describes it (OpenAPI 3.1). docs/api.md has an example.

With --collect, the page asks people after their third pick whether it may send their picks here. They are stored like
imported picks, each id once. All picks of one address on one day count as one file, so retrain's limits for a file apply.
Nobody's address is kept. docs/collecting-picks.md says how to run it, and what is accepted.`

export const createServeCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('serve')
			.description('serve the built page, the releases and an API for programs on localhost')
			.option('--port <number>', 'port to listen on; 0 takes any free one', asPort, DEFAULT_PORT)
			.option('--dist <dir>', 'folder of the built page', DIST)
			.option('--no-api', 'serve the page alone')
			.option('--collect', 'accept the picks of people who agree to send them')
			.option(
				'--behind-proxy <host>',
				"with --collect: the page's host; trust the proxy's X-Forwarded-For (client's address) and X-Forwarded-Host (page's host)",
			)
			.addHelpText('after', NOTES)
			.action(async ({ api: hasApi, collect, behindProxy, ...options }, command) => {
				checkUsage(command, () => checkOptions({ hasApi, collect, behindProxy }))
				await serve({ ...options, hasApi, collect, behindProxy }, effects())
			}),
	)

interface ServeOptions {
	readonly hasApi: boolean
	readonly collect?: true | undefined
	readonly behindProxy?: string | undefined
	readonly port: number
	readonly dist: string
}

function checkOptions({ hasApi, collect, behindProxy }: Omit<ServeOptions, 'port' | 'dist'>): void {
	if (collect && !hasApi)
		throw new AppError('bad-input', '--collect takes picks through the API; leave out --no-api')
	if (behindProxy === undefined) return
	if (!collect)
		throw new AppError(
			'bad-input',
			'--behind-proxy is for picks that are sent through a proxy; add --collect',
		)
	if (hostOf(behindProxy) !== behindProxy.toLowerCase())
		throw new AppError(
			'bad-input',
			`--behind-proxy ${behindProxy}: expected the host in the page's address, such as picks.example.org`,
		)
}

async function serve(options: ServeOptions, effects: Effects): Promise<void> {
	const { modelsDir, dataDir, out, err, now, signal } = effects
	const received = options.collect ? await ReceivedPicks.open(effects) : undefined
	const collecting = received && {
		received,
		counter: new AddressCounter(ADDRESS_LIMITS, now),
		proxyHost: options.behindProxy,
		now,
		log: err,
	}
	const api = options.hasApi ? startApi({ modelsDir, dataDir, log: err, collecting }) : null
	try {
		const { dist: distDir, port } = options
		const server = await startServer({ distDir, modelsDir, port, api: api?.handle })
		out(`whichsub is at ${server.url} (Ctrl-C stops it)`)
		if (received) out(`picks that people send go to ${received.location}`)
		await new Promise<void>((done) =>
			signal.addEventListener('abort', () => done(), { once: true }),
		)
		await server.close()
	} finally {
		await api?.close()
		await received?.close()
	}
}
