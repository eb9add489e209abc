// Servers that a bench starts beside the product's own.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningServer } from '../lib/server.ts'

/** Listens on a free port of the loopback interface. */
export async function listen(server: Server): Promise<RunningServer> {
	await new Promise<void>((done) => server.listen(0, 'localhost', done))
	return {
		url: `http://localhost:${(server.address() as AddressInfo).port}/`,
		close: () =>
			new Promise((done) => {
				server.close(() => done())
				server.closeAllConnections()
			}),
	}
}
