// `whichsub serve`: the built page, the releases and the API on localhost, with the headers that a good static host sets.

import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { startApi } from '../lib/api/api.ts'
import { asCommand, type CreateCommand, parsePort } from '../lib/command.ts'
import { startServer } from '../lib/server.ts'

const DEFAULT_PORT = 4173
const DIST = resolve(import.meta.dirname, '../../dist')

const NOTES = `
Programs ask the same server: POST /api/predict takes up to 1,000 titles as JSON and answers with what predict --json says;
GET /api/openapi.json describes it (OpenAPI 3.1). docs/api.md has an example.`

export const createServeCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('serve')
			.description('serve the built page, the releases and an API for programs on localhost')
			.option('--port <number>', 'port to listen on; 0 takes any free one', parsePort, DEFAULT_PORT)
			.option('--dist <dir>', 'folder of the built page', DIST)
			.option('--no-api', 'serve the page alone')
			.addHelpText('after', NOTES)
			.action(async ({ port, dist, api: hasApi }) => {
				const { modelsDir, out, err, signal } = effects()
				const api = hasApi ? startApi({ modelsDir, log: err }) : null
				const server = await startServer({ distDir: dist, modelsDir, port, api: api?.handle })
				out(`whichsub is at ${server.url} (Ctrl-C stops it)`)
				await new Promise<void>((done) =>
					signal.addEventListener('abort', () => done(), { once: true }),
				)
				await server.close()
				await api?.close()
			}),
	)
