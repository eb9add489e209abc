// The server of `serve --collect` behind a test's site, with a real database.
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
	ADDRESS_LIMITS,
	AddressCounter,
	type AddressLimits,
} from '../../scripts/lib/api/address-limits.ts'
import { startApi } from '../../scripts/lib/api/api.ts'
import { ReceivedPicks } from '../../scripts/lib/feedback/received.ts'
import { readAllFeedback } from '../../scripts/lib/feedback/stored-feedback.ts'
import type { ApiHandler } from '../../scripts/lib/server.ts'
import type { Feedback } from '../../src/shared/feedback.ts'
import { effectsIn } from '../fixtures/effects.ts'
import type { Site } from './site.ts'

export class Collector {
	readonly #site: Site
	readonly #dir: string
	readonly #received: ReceivedPicks
	#handle: ApiHandler | undefined

	private constructor(site: Site, dir: string, received: ReceivedPicks) {
		this.#site = site
		this.#dir = dir
		this.#received = received
	}

	static async start(site: Site): Promise<Collector> {
		const dir = await mkdtemp(join(tmpdir(), 'whichsub-collector-'))
		const collector = new Collector(site, dir, await ReceivedPicks.open(effectsIn(dir)))
		await collector.limit({})
		return collector
	}

	/** The picks in the database, oldest first. */
	async stored(): Promise<Feedback[]> {
		return (await readAllFeedback(effectsIn(this.#dir))).map(({ line }) => line)
	}

	/** Their titles, sorted. */
	async titles(): Promise<string[]> {
		return (await this.stored()).map(({ title }) => title).sort()
	}

	/** Stops taking picks, as a server that is started again without --collect. */
	stop(): Promise<void> {
		return this.#site.answerApi(undefined)
	}

	/** Lets so much in from now on. */
	async limit(limits: Partial<AddressLimits>): Promise<void> {
		const now = () => new Date()
		const counter = new AddressCounter({ ...ADDRESS_LIMITS, ...limits }, now)
		const collecting = { received: this.#received, counter, now, log: () => {} }
		const { modelsDir } = this.#site
		this.#handle = startApi({ modelsDir, dataDir: this.#dir, log: () => {}, collecting }).handle
		await this.#site.answerApi(this.#handle)
	}

	/** Answers such requests with an error, and all others as ever. */
	async refuse(
		isSuch: (request: IncomingMessage) => boolean,
		status: number,
		headers?: Record<string, string>,
	): Promise<void> {
		const handle = this.#handle
		await this.#site.answerApi((request, response, path) => {
			if (!isSuch(request)) return handle?.(request, response, path)
			request.resume()
			response.writeHead(status, headers).end()
		})
	}

	async remove(): Promise<void> {
		await this.#received.close()
		await rm(this.#dir, { recursive: true, force: true })
	}
}
