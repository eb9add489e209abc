// The API of `serve` for programs: POST /api/predict and GET /api/openapi.json. No CORS headers: pages of other origins can't ask.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { withheldNames } from '../../../src/shared/releases.ts'
import { requireKept } from '../models/release.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import { formatOpenApi } from './openapi.ts'
import { Predictor } from './predictor.ts'
import { ProblemError, sendProblem } from './problem.ts'
import { MAX_BODY_BYTES, PredictRequest } from './schemas.ts'

/** No more are taken in while so many wait. */
const MAX_WAITING_TITLES = 10_000
/** About what two cores answer; says when to come back. */
const TITLES_A_SECOND = 2_000

export interface ApiOptions {
	readonly modelsDir: string
	/** Told why an answer is a 500 or a 503: the client is not. */
	readonly log: (text: string) => void
}

export interface Api {
	handle(request: IncomingMessage, response: ServerResponse, path: string): void
	close(): Promise<void>
}

interface Route {
	readonly methods: readonly string[]
	answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export function startApi({ modelsDir, log }: ApiOptions): Api {
	const predictor = new Predictor(modelsDir)
	const routes = new Map<string, Route>([
		[
			'/api/predict',
			{
				methods: ['POST'],
				answer: (request, response) =>
					answerPredict(request, response, { modelsDir, log, predictor }),
			},
		],
		['/api/openapi.json', { methods: ['GET', 'HEAD'], answer: answerOpenApi }],
	])
	return {
		handle: (request, response, path) => {
			dispatch(routes.get(path), request, response).catch((error: unknown) =>
				fail(response, error, log),
			)
		},
		close: () => predictor.close(),
	}
}

async function dispatch(
	route: Route | undefined,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	if (!route)
		throw new ProblemError(
			404,
			'there are POST /api/predict and GET /api/openapi.json, nothing else',
		)
	const { methods } = route
	if (!methods.includes(request.method ?? ''))
		throw new ProblemError(405, `use ${methods.join(' or ')}`, { Allow: methods.join(', ') })
	await route.answer(request, response)
}

function fail(response: ServerResponse, error: unknown, log: ApiOptions['log']): void {
	if (response.destroyed || (error instanceof AppError && error.code === 'aborted')) return
	if (response.headersSent) {
		response.destroy()
		return
	}
	if (error instanceof ProblemError) {
		sendProblem(response, error)
		return
	}
	log(`api: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
	sendProblem(
		response,
		new ProblemError(500, "an error of the server; its output says what's wrong"),
	)
}

async function answerOpenApi(_: IncomingMessage, response: ServerResponse): Promise<void> {
	sendJson(response, formatOpenApi(), 'no-cache')
}

async function answerPredict(
	request: IncomingMessage,
	response: ServerResponse,
	{ modelsDir, log, predictor }: ApiOptions & { readonly predictor: Predictor },
): Promise<void> {
	const signal = abortSignalOf(response)
	const asked = parseBody(await readJsonBody(request))
	const releases = await orUnavailable(readReleases(modelsDir), log)
	const entry = chooseRelease(releases, asked.release ?? 'production')
	const question = {
		version: entry.version,
		manifestSha256: entry.manifest.sha256,
		withheld: withheldNames(releases),
		titles: asked.titles,
		typing: asked.typing ?? false,
	}
	refuseWhereBusy(predictor.waiting)
	sendJson(response, await orUnavailable(predictor.ask(question, signal), log), 'no-store')
}

/** Who waits longer has given up before the answer comes. */
function refuseWhereBusy(waiting: number): void {
	if (waiting < MAX_WAITING_TITLES) return
	const seconds = Math.ceil(waiting / TITLES_A_SECOND)
	throw new ProblemError(503, `${waiting} titles wait to be answered; ask again later`, {
		'Retry-After': seconds,
	})
}

/** Aborts where the client goes away before its answer is complete. */
function abortSignalOf(response: ServerResponse): AbortSignal {
	const controller = new AbortController()
	response.once('close', () => {
		if (!response.writableFinished) controller.abort()
	})
	return controller.signal
}

async function readJsonBody(request: IncomingMessage): Promise<unknown> {
	const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';', 1)
	if (mediaType.trim().toLowerCase() !== 'application/json')
		throw new ProblemError(415, 'send the titles with Content-Type: application/json', {
			Accept: 'application/json',
		})
	if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
		throw new ProblemError(415, 'send the body as it is, without Content-Encoding')
	const bytes = await readBody(request)
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
	} catch {
		throw new ProblemError(400, 'the body is not JSON in UTF-8')
	}
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge()
	const chunks: Buffer[] = []
	let length = 0
	await new Promise<void>((done, fail) => {
		const leave = () => fail(new AppError('aborted', 'the client went away'))
		request.on('data', (chunk: Buffer) => {
			length += chunk.length
			if (length <= MAX_BODY_BYTES) chunks.push(chunk)
			else fail(tooLarge())
		})
		request.once('end', done).once('close', leave).once('error', leave)
	})
	return Buffer.concat(chunks)
}

/** The rest of the body is read and dropped, so that the client gets to reading this. */
function tooLarge(): ProblemError {
	return new ProblemError(413, 'the body is larger than 4 MiB; send fewer titles at once')
}

function parseBody(body: unknown): PredictRequest {
	try {
		return parseWith(PredictRequest, body, 'body')
	} catch (error) {
		throw new ProblemError(422, errorMessage(error))
	}
}

function chooseRelease(
	releases: Awaited<ReturnType<typeof readReleases>>,
	name: string,
): ReturnType<typeof findRelease> {
	try {
		const entry = findRelease(releases, name)
		requireKept(entry)
		return entry
	} catch (error) {
		throw new ProblemError(404, errorMessage(error))
	}
}

/** Files of releases that can't be read are said here, with their paths, and not to the client. */
async function orUnavailable<Result>(
	work: Promise<Result>,
	log: ApiOptions['log'],
): Promise<Result> {
	try {
		return await work
	} catch (error) {
		if (!(error instanceof AppError) || error.code === 'aborted') throw error
		log(`api: ${error.message}`)
		throw new ProblemError(503, "the release can't be read; the server's output says why")
	}
}

function sendJson(response: ServerResponse, json: string, caching: string): void {
	response.writeHead(200, {
		'Content-Type': 'application/json',
		'Content-Length': Buffer.byteLength(json),
		'Cache-Control': caching,
	})
	response.end(json)
}
