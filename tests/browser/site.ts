// A site of one test: releases in a folder of its own, the server of `npm start`, and a hand on the wire before it.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import {
	createServer,
	request as forward,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type ApiHandler, startServer } from '../../scripts/lib/server.ts'
import { RELEASES_FILE, type Releases } from '../../src/shared/releases.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { listenSteadily } from '../fixtures/listen-steadily.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import type { OriginServer } from '../fixtures/origin-server.ts'
import {
	type ListedRelease,
	type ReleaseOptions,
	writeRelease,
	writeReleases,
} from '../fixtures/release.ts'
import { makeNextBuild } from './next-build.ts'

const DIST = resolve(import.meta.dirname, '../../dist')
const MODEL_FILE = 'model.bin.packed'

export const FIRST = '20130601.0'
export const SECOND = '20130701.0'

/** Answers a request for a model, whose file has these bytes. */
export type ModelAnswer = (response: ServerResponse, file: Buffer) => void

/** Answers a request for the page or a file of its build. @returns whether it did */
export type PageAnswer = (path: string, response: ServerResponse) => boolean

/** The site answers below this path too, as a static host may serve it. */
export const BELOW = '/somewhere/'
/** And below these, as two copies of one host. */
export const COPIES = ['/a/', '/b/'] as const
const FOLDERS = [BELOW, ...COPIES]

export class Site {
	readonly modelsDir: string
	/** Paths that were asked for, in their order. */
	readonly requests: string[] = []
	readonly #listed: ListedRelease[] = []
	#url = ''
	#held: Promise<void> | null = null
	#answerModel: ModelAnswer | null = null
	#answerPage: PageAnswer | null = null
	#distDir: string
	#cutShort: string | null = null
	#stop: (() => Promise<void>) | null = null
	#api: ApiHandler | undefined

	private constructor(modelsDir: string, distDir: string) {
		this.modelsDir = modelsDir
		this.#distDir = distDir
	}

	/** With release {@link FIRST} in production. */
	static async start(distDir = DIST): Promise<Site> {
		const site = new Site(await mkdtemp(join(tmpdir(), 'whichsub-page-')), distDir)
		await site.publish({ version: FIRST })
		await site.setChannels({ production: FIRST })
		await site.comeBack()
		return site
	}

	/** The page's address; the same after {@link Site.goDown} and {@link Site.comeBack}. */
	get url(): string {
		return this.#url
	}

	/** Requests for models, which are megabytes; everything else is small. */
	get modelRequests(): string[] {
		return this.requests.filter((path) => path.includes('/model.'))
	}

	async publish(options: Partial<ReleaseOptions> & { version: string }): Promise<void> {
		const release = {
			model: makeModelFile({ topics: TOPICS, isQuantized: true }),
			labels: Object.keys(TOPICS).length,
			file: MODEL_FILE,
			...options,
		}
		this.#listed.push(await writeRelease(this.modelsDir, release))
	}

	setChannels(channels: Partial<Releases['channels']>): Promise<void> {
		return writeReleases(this.modelsDir, this.#listed, channels)
	}

	/** Leaves of a release its manifest and report; {@link Site.setChannels} tells the page. */
	async moveElsewhere(version: string, keep: OriginServer): Promise<void> {
		const place = this.#listed.findIndex((entry) => entry.version === version)
		const entry = this.#listed[place]
		if (!entry) throw new Error(`no release ${version}`)
		this.#listed[place] = { ...entry, location: await keep.keep(this.modelsDir, version) }
		const dir = join(this.modelsDir, version)
		for (const file of await readdir(dir)) if (!file.endsWith('.json')) await rm(join(dir, file))
	}

	/** Lists subreddits that no release suggests any more; the channels stay. */
	async withhold(names: readonly string[]): Promise<void> {
		const path = join(this.modelsDir, RELEASES_FILE)
		const releases = JSON.parse(await readFile(path, 'utf8')) as Releases
		const withheld = names.map((name) => ({ name, at: '2013-07-05T12:00:00Z', why: 'a test' }))
		await writeFile(path, JSON.stringify({ ...releases, withheld }))
	}

	/** Changes the bytes of a release's model, as a disk or a proxy might. @returns mends it */
	async breakModel(
		version: string,
		change: (bytes: Buffer) => Uint8Array,
	): Promise<() => Promise<void>> {
		const path = join(this.modelsDir, version, MODEL_FILE)
		const whole = await readFile(path)
		await writeFile(path, change(Buffer.from(whole)))
		return () => writeFile(path, whole)
	}

	/** Lets models arrive only by half. @returns lets the other half follow */
	holdModels(): () => void {
		let letGo = () => {}
		this.#held = new Promise((done) => {
			letGo = done
		})
		return () => {
			this.#held = null
			letGo()
		}
	}

	/** Answers requests for models in another way, as a faulty host might. @returns answers as before */
	answerModels(answer: ModelAnswer): () => void {
		this.#answerModel = answer
		return () => {
			this.#answerModel = null
		}
	}

	/** Answers requests for anything but models in another way. @returns answers as before */
	answerPage(answer: PageAnswer): () => void {
		this.#answerPage = answer
		return () => {
			this.#answerPage = null
		}
	}

	/** The page's own file, of the build that is served. */
	get pageFile(): string {
		return join(this.#distDir, 'index.html')
	}

	/** Puts another build in the place of the one before, whose scripts and views are gone then. */
	async deploy(): Promise<void> {
		this.#distDir = await makeNextBuild(DIST, join(this.modelsDir, '.builds'))
		await this.goDown()
		await this.comeBack()
	}

	/** Answers what is asked below `/api/` from now on. */
	async answerApi(api: ApiHandler | undefined): Promise<void> {
		this.#api = api
		await this.goDown()
		await this.comeBack()
	}

	/** Breaks the connection in the middle of this file. */
	cutShort(file: string): void {
		this.#cutShort = file
	}

	async goDown(): Promise<void> {
		await this.#stop?.()
		this.#stop = null
	}

	async comeBack(): Promise<void> {
		const [distDir, modelsDir, api] = [this.#distDir, this.modelsDir, this.#api]
		const inner = await startServer({ distDir, modelsDir, port: 0, api })
		const outer = createServer((request, response) => void this.#pass(inner.url, request, response))
		const before = this.#url === '' ? 0 : Number(new URL(this.#url).port)
		this.#url = `http://localhost:${await listenSteadily(outer, before, 'localhost')}/`
		this.#stop = async () => {
			await new Promise<void>((done) => {
				outer.close(() => done())
				outer.closeAllConnections()
			})
			await inner.close()
		}
	}

	async remove(): Promise<void> {
		await this.goDown()
		await rm(this.modelsDir, { recursive: true, force: true })
	}

	async #pass(to: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = request.url ?? '/'
		this.requests.push(path)
		if (!path.includes('/models/') && this.#answerPage?.(path, response)) return
		const held = path.includes('/model.') ? this.#held : null
		const options = { method: request.method, headers: request.headers }
		const folder = FOLDERS.find((folder) => path.startsWith(folder))
		const target = folder ? path.slice(folder.length - 1) : path
		const inner = forward(new URL(target, to), options, async (answer) => {
			if (path.includes('/model.') && this.#answerModel) {
				this.#answerModel(response, await readBody(answer))
				return
			}
			response.writeHead(answer.statusCode ?? 500, answer.headers)
			if (this.#cutShort && path.endsWith(this.#cutShort)) {
				const body = await readBody(answer)
				response.write(body.subarray(0, body.length / 2), () => response.destroy())
				return
			}
			if (held) await sendByHalves(answer, response, held)
			else answer.pipe(response)
		})
		inner.on('error', () => response.destroy())
		request.pipe(inner)
	}
}

async function sendByHalves(
	answer: IncomingMessage,
	response: ServerResponse,
	held: Promise<void>,
): Promise<void> {
	const body = await readBody(answer)
	const middle = Math.floor(body.length / 2)
	response.write(body.subarray(0, middle))
	await held
	response.end(body.subarray(middle))
}

async function readBody(answer: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = []
	for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
	return Buffer.concat(chunks)
}
