// The API of `serve`: POST /api/predict and GET /api/openapi.json for programs, and with --collect what takes the page's picks. No
// CORS headers: pages of other origins can't ask.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { type Releases, withheldNames } from '../../../src/shared/releases.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { requireKept } from '../release-files/release.ts'
import { findRelease, readReleases } from '../release-files/releases-json.ts'
import { type Collecting, keepPicks, takeBackPicks } from './collect.ts'
import { formatOpenApi } from './openapi.ts'
import { Predictor } from './predictor.ts'
import { orProblem, ProblemError, sendProblem } from './problem.ts'
import { readJsonAs } from './read-json.ts'
import { MAX_BODY_BYTES, PredictRequest } from './schemas.ts'

/** No more are taken in while so many wait. */
const MAX_WAITING_TITLES = 10_000
/** About what two cores answer; says when to come back. */
const TITLES_A_SECOND = 2_000

export interface ApiOptions extends Pick<ReleasesPlace, 'modelsDir' | 'dataDir'> {
	/** Told why an answer is a 500 or a 503: the client is not. */
	readonly log: (text: string) => void
	/** What the threads that answer titles run; tests have it compiled, which starts faster. */
	readonly program?: URL | undefined
	/** Picks are taken where this is given. */
	readonly collecting?: Collecting | undefined
}

export interface Api {
	handle(request: IncomingMessage, response: ServerResponse, path: string): void
	close(): Promise<void>
}

interface Route {
	readonly methods: readonly string[]
	answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export function startApi(options: ApiOptions): Api {
	const { modelsDir, dataDir, log, program, collecting } = options
	const predictor = new Predictor({ modelsDir, dataDir }, program)
	const routes = new Map<string, Route>([
		['/api/predict', post((...wire) => answerPredict(...wire, { ...options, predictor }))],
		['/api/openapi.json', get(formatOpenApi({ collects: collecting !== undefined }))],
		...(collecting
			? collectRoutes(collecting, () => orUnavailable(readReleases(modelsDir), log))
			: []),
	])
	return {
		handle: (request, response, path) => {
			dispatch(routes, path, request, response).catch((error: unknown) =>
				fail(response, error, log),
			)
		},
		close: () => predictor.close(),
	}
}

function collectRoutes(
	collecting: Collecting,
	releases: () => Promise<Releases>,
): [path: string, route: Route][] {
	return [
		['/api/collect', get(JSON.stringify({ collects: true }))],
		[
			'/api/feedback',
			post(async (request, response) =>
				sendJson(
					response,
					JSON.stringify(await keepPicks(request, collecting, releases)),
					'no-store',
				),
			),
		],
		[
			'/api/feedback/take-back',
			post(async (request, response) =>
				sendJson(response, JSON.stringify(await takeBackPicks(request, collecting)), 'no-store'),
			),
		],
	]
}

function post(answer: Route['answer']): Route {
	return { methods: ['POST'], answer }
}

function get(json: string): Route {
	return {
		methods: ['GET', 'HEAD'],
		answer: async (_, response) => sendJson(response, json, 'no-cache'),
	}
}

async function dispatch(
	routes: ReadonlyMap<string, Route>,
	path: string,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const route = routes.get(path)
	if (!route) throw new ProblemError(404, `there are ${[...routes.keys()].join(', ')}`)
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

async function answerPredict(
	request: IncomingMessage,
	response: ServerResponse,
	{ modelsDir, log, predictor }: ApiOptions & { readonly predictor: Predictor },
): Promise<void> {
	const signal = abortSignalOf(response)
	const asked = await readJsonAs(PredictRequest, request, MAX_BODY_BYTES)
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

function orUnavailable<Result>(work: Promise<Result>, log: ApiOptions['log']): Promise<Result> {
	const problem = new ProblemError(503, "the release can't be read; the server's output says why")
	return orProblem(work, problem, log)
}

function sendJson(response: ServerResponse, json: string, caching: string): void {
	response.writeHead(200, {
		'Content-Type': 'application/json',
		'Content-Length': Buffer.byteLength(json),
		'Cache-Control': caching,
	})
	response.end(json)
}
