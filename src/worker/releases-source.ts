// Fetches releases.json and manifests, and decides which release a visitor is to have.
import { isKnownReading, READING_VERSIONS } from '../model/padding.ts'
import { findUnknownFeatures } from '../model/reranker.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { LoadRequest, Target } from '../shared/classifier-protocol.ts'
import { Manifest } from '../shared/manifest.ts'
import { parseJsonWith } from '../shared/parse.ts'
import { originOf } from '../shared/release-location.ts'
import {
	channelForVisitor,
	channelVersion,
	MANIFEST_FILE,
	RELEASES_FILE,
	Releases,
} from '../shared/releases.ts'
import type { ReleaseVersion } from '../shared/schema-parts.ts'
import { sha256Hex } from './digest.ts'

/** As releases.origins of whichsub.yaml has them; the build fills it in. */
declare const __MODEL_ORIGINS__: readonly string[]

const FETCH_TIMEOUT_MS = 15_000
const PROBE_TIMEOUT_MS = 5_000

/** The newest schemas that this page reads. */
const NEWEST_SCHEMA = { [RELEASES_FILE]: 2, [MANIFEST_FILE]: 2 } as const

/** @throws AppError `network`, `server`, `web-page`, `not-found`, `bad-data`, `unsupported` */
export async function fetchReleases(modelsUrl: string): Promise<Releases> {
	const bytes = await fetchSmallFile(new URL(RELEASES_FILE, modelsUrl), 'no-cache')
	const text = new TextDecoder().decode(bytes)
	refuseNewerSchema(text, RELEASES_FILE)
	return parseJsonWith(Releases, text, RELEASES_FILE)
}

/** @throws AppError `not-found` where the channel has no release */
export function chooseTarget(
	releases: Releases,
	preview: LoadRequest['preview'],
	ticket: number,
): Target {
	const channel = preview ?? channelForVisitor(releases, ticket)
	const version = channelVersion(releases, channel)
	if (version) return { version, channel }
	throw new AppError('not-found', `there is no release on the ${channel} channel yet`)
}

/**
 * Fetches the manifest of a release that releases.json lists.
 *
 * @throws AppError `network`, `server`, `web-page`, `not-found`, `damaged`, `bad-data`, `unsupported`
 */
export async function fetchManifest(
	modelsUrl: string,
	releases: Releases,
	version: ReleaseVersion,
): Promise<Manifest> {
	const listed = releases.releases.find((release) => release.version === version)
	if (!listed) throw new AppError('not-found', `release ${version} is not listed`)
	const bytes = await fetchSmallFile(new URL(`${version}/${MANIFEST_FILE}`, modelsUrl), 'no-store')
	if ((await sha256Hex(bytes)) !== listed.manifest.sha256)
		throw new AppError(
			'damaged',
			`the manifest of ${version} differs from the one that was released`,
		)
	const text = new TextDecoder().decode(bytes)
	refuseNewerSchema(text, MANIFEST_FILE)
	const manifest = parseJsonWith(Manifest, text, `${version}/${MANIFEST_FILE}`)
	const unknown = findUnknown(manifest)
	if (unknown) throw new AppError('unsupported', `release ${version} ${unknown}`)
	return manifest
}

/** Whether this page reads titles as the model's training did, and can rerank for the release. */
export function isUsable(manifest: Manifest): boolean {
	return findUnknown(manifest) === null
}

/** What a release does that this page does not know; null where it knows all. */
function findUnknown({ normalizer, reranker }: Manifest): string | null {
	if (!isKnownReading(normalizer))
		return `reads titles in a way (${normalizer}) that this page does not know (${READING_VERSIONS.join(', ')})`
	const unknown = reranker ? findUnknownFeatures(reranker, 'this page') : null
	return unknown && `has a reranker of ${unknown}`
}

/**
 * The folder of a release's model and of what is served with it.
 *
 * @throws AppError `policy` where it is at an origin that this page was not built for. The policy of the page would say so, too, but
 * a static host sends none with the script of a worker.
 */
export function releaseFolder(
	modelsUrl: string,
	{ releases }: Pick<Releases, 'releases'>,
	version: ReleaseVersion,
): URL {
	const location = releases.find((release) => release.version === version)?.location
	if (location === undefined) return new URL(`${version}/`, modelsUrl)
	const origin = originOf(location)
	if (__MODEL_ORIGINS__.includes(origin)) return new URL(location)
	throw new AppError(
		'policy',
		`release ${version} lies at ${origin}, and this page was built to load nothing from there; its makers must name it in whichsub.yaml and build again`,
	)
}

/** Whether an address is at another origin than the page's. */
export function isElsewhere({ origin }: URL): boolean {
	// Node has no page.
	const own: { readonly origin: string } | undefined = globalThis.location
	return own !== undefined && own.origin !== origin
}

/**
 * One file that exists, as a response whose body is still to be read.
 *
 * @throws AppError `network`, `server`, `not-found`, `cross-origin`
 */
export async function fetchFile(
	url: URL,
	cache: RequestCache,
	signal: AbortSignal,
): Promise<Response> {
	const elsewhere = isElsewhere(url)
	// Another origin sends the page nowhere else: that would be one that the page was not built for.
	const redirect = elsewhere ? 'manual' : 'follow'
	const options = { cache, signal, redirect, credentials: 'same-origin' } as const
	const response = await fetch(url, options).catch(async (error: unknown) => {
		if (signal.aborted) throw new AppError('network', errorMessage(signal.reason), error)
		throw await (elsewhere ? explainElsewhere(url, error) : noConnection('the server', error))
	})
	if (response.ok) return response
	throw refusal(response, url, elsewhere ? url.origin : 'the server')
}

function noConnection(to: string, error: unknown): AppError {
	return new AppError('network', `there is no connection to ${to}`, error)
}

/** Browsers say the same of a server that is not there and of one whose answer the page may not read: this asks once more. */
async function explainElsewhere(url: URL, error: unknown): Promise<AppError> {
	const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
	const probe = { method: 'HEAD', mode: 'no-cors', cache: 'no-store', signal } as const
	const answers = await fetch(url, { ...probe, credentials: 'omit' }).then(
		() => true,
		() => false,
	)
	if (!answers) return noConnection(url.origin, error)
	return new AppError(
		'cross-origin',
		`${url.origin} answers, but does not let this page read its answer (CORS): whoever runs this site can allow it`,
		error,
	)
}

function refusal({ status, type }: Response, { pathname }: URL, server: string): AppError {
	if (type === 'opaqueredirect')
		return new AppError('server', `${server} sends the page to another address (${pathname})`)
	const hint = status === 403 ? ': the file is private, or not there' : ''
	return new AppError(
		status === 404 || status === 410 ? 'not-found' : 'server',
		`${server} answers with error ${status} (${pathname})${hint}`,
	)
}

/** @throws AppError `web-page` where the bytes are HTML */
export function refuseWebPage(bytes: Uint8Array, file: string): void {
	const start = new TextDecoder().decode(bytes.subarray(0, 100))
	if (/^\s*<(?:!|\?|html|head|body|script|meta)/i.test(start))
		throw new AppError('web-page', `a web page came in place of ${file}`)
}

async function fetchSmallFile(url: URL, cache: RequestCache): Promise<Uint8Array<ArrayBuffer>> {
	const limit = new AbortController()
	const timer = setTimeout(
		() => limit.abort(new Error(`no answer came within ${FETCH_TIMEOUT_MS / 1000} seconds`)),
		FETCH_TIMEOUT_MS,
	)
	try {
		const response = await fetchFile(url, cache, limit.signal)
		const bytes = await response.arrayBuffer().catch((error: unknown) => {
			throw new AppError('network', 'the connection to the server broke', error)
		})
		const file = new Uint8Array(bytes)
		refuseWebPage(file, url.pathname.split('/').at(-1) ?? url.pathname)
		return file
	} finally {
		clearTimeout(timer)
	}
}

// A page that is older than its releases must say so; the schema would only report an invalid file.
function refuseNewerSchema(text: string, file: keyof typeof NEWEST_SCHEMA): void {
	const schema = /^\s*\{\s*"schema"\s*:\s*(\d+)/.exec(text)?.[1]
	if (Number(schema ?? 0) > NEWEST_SCHEMA[file])
		throw new AppError('unsupported', `${file} has the newer schema ${schema}`)
}
