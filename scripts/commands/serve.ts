// `whichsub serve`: the built page and the releases on localhost, with the headers that a good static host sets.

import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, parsePort } from '../lib/command.ts'
import { startServer } from '../lib/server.ts'

const DEFAULT_PORT = 4173
const DIST = resolve(import.meta.dirname, '../../dist')

export const createServeCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('serve')
			.description('serve the built page and the releases on localhost')
			.option('--port <number>', 'port to listen on; 0 takes any free one', parsePort, DEFAULT_PORT)
			.option('--dist <dir>', 'folder of the built page', DIST)
			.action(async ({ port, dist }) => {
				const { modelsDir, out, signal } = effects()
				const server = await startServer({ distDir: dist, modelsDir, port })
				out(`whichsub is at ${server.url} (Ctrl-C stops it)`)
				await new Promise<void>((done) =>
					signal.addEventListener('abort', () => done(), { once: true }),
				)
				await server.close()
			}),
	)
