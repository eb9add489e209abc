// The server of `npm start` and of the browser tests: precompressed files, security headers, live releases.
import { readFile, stat } from 'node:fs/promises'
import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from 'node:http'
import { extname, join, resolve } from 'node:path'
import mime from 'mime-types'
import Negotiator from 'negotiator'
import send from 'send'
import { AppError } from '../../src/shared/app-error.ts'
import { contentSecurityPolicy } from '../../src/shared/content-security-policy.ts'
import { RELEASES_FILE } from '../../src/shared/releases.ts'
import { exists } from './files.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'
const MODELS_PREFIX = '/models/'
const API_PREFIX = '/api/'
const METHODS = ['GET', 'HEAD']
/** What the build writes beside a file, by the name that HTTP has for it; the smaller one first. */
const ENCODINGS = { br: '.br', gzip: '.gz' } as const
type Encoding = keyof typeof ENCODINGS

export interface ServerOptions {
	readonly distDir: string
	readonly modelsDir: string
	/** 0 takes any free port. */
	readonly port: number
	/** Answers what is asked below {@link API_PREFIX}; left out, nothing is there. */
	readonly api?: ApiHandler | undefined
}

/** Ends each response itself, and never throws. The security headers are already set. */
export type ApiHandler = (request: IncomingMessage, response: ServerResponse, path: string) => void

export interface RunningServer {
	readonly url: string
	close(): Promise<void>
}

/**
 * Serves on the loopback interface only.
 *
 * @throws AppError `not-found` where the page is not built, `conflict` where the port is taken or may not be used
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
	if (!(await exists(join(options.distDir, 'index.html'))))
		throw new AppError('not-found', `no built page in ${options.distDir}; run: npm run build`)
	const server = createServer(createListener(options, await readPolicy(options)))
	await listen(server, options.port)
	const address = server.address()
	const port = address && typeof address === 'object' ? address.port : options.port
	return {
		url: `http://localhost:${port}/`,
		close: () =>
			new Promise((done) => {
				server.close(() => done())
				server.closeAllConnections()
			}),
	}
}

async function listen(server: Server, port: number): Promise<void> {
	try {
		await new Promise<void>((done, fail) => {
			server.once('error', fail)
			server.listen(port, 'localhost', done)
		})
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException
		if (code === 'EADDRINUSE')
			throw new AppError('conflict', `port ${port} is not free; choose another with --port`, error)
		if (code === 'EACCES')
			throw new AppError(
				'conflict',
				`port ${port} is reserved for the system; choose one from 1024 with --port`,
				error,
			)
		throw error
	}
}

/** The policy that the page was built with, so that the header can't forbid what the page says is allowed, or the other way round. */
async function readPolicy({ distDir }: ServerOptions): Promise<string> {
	const html = await readFile(join(distDir, 'index.html'), 'utf8')
	const built = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1]
	return built?.replaceAll('&#39;', "'") ?? contentSecurityPolicy([])
}

function createListener(options: ServerOptions, policy: string): RequestListener {
	return (request, response) => {
		setSecurityHeaders(response, policy)
		const path = pathOf(request)
		if (options.api && path.startsWith(API_PREFIX)) {
			options.api(request, response, path)
			return
		}
		if (!METHODS.includes(request.method ?? '')) {
			response.setHeader('Allow', METHODS.join(', '))
			return refuse(response, 405)
		}
		answer(request, response, options).catch(() => refuse(response, 500))
	}
}

function pathOf({ url = '/' }: IncomingMessage): string {
	return url.split(/[?#]/, 1)[0] ?? '/'
}

async function answer(
	request: IncomingMessage,
	response: ServerResponse,
	{ distDir, modelsDir }: ServerOptions,
): Promise<void> {
	const path = pathOf(request)
	if (path.startsWith(MODELS_PREFIX))
		return sendFile(request, response, {
			root: modelsDir,
			path: path.slice(MODELS_PREFIX.length - 1),
			setHeaders: setModelHeaders,
		})
	const page = path === '/' ? '/index.html' : path
	const encoding = await chooseEncoding(request, distDir, page)
	response.setHeader('Vary', 'Accept-Encoding')
	return sendFile(request, response, {
		root: distDir,
		path: encoding ? `${page}${ENCODINGS[encoding]}` : page,
		setHeaders: () => {
			setPageHeaders(response, page)
			if (!encoding) return
			response.setHeader('Content-Encoding', encoding)
			response.setHeader('Content-Type', mime.contentType(extname(page)) || 'text/plain')
		},
	})
}

interface FileAnswer {
	readonly root: string
	/** As it stands in the request, percent-encoded. */
	readonly path: string
	readonly setHeaders: (file: string, response: ServerResponse) => void
}

/** Ends with the file, 304, or a refusal; never throws for what a request says. */
function sendFile(
	request: IncomingMessage,
	response: ServerResponse,
	{ root, path, setHeaders }: FileAnswer,
): void {
	send(request, path, {
		root: resolve(root),
		// The page never asks for a part of a file.
		acceptRanges: false,
		cacheControl: false,
		dotfiles: 'ignore',
		index: false,
	})
		.on('headers', (_response: ServerResponse, file: string) => setHeaders(file, response))
		.on('directory', () => refuse(response, 404))
		// The file is unreadable, or the path is malformed: the status says which.
		.on('error', ({ status = 500 }: { status?: number }) =>
			// A path out of the folder is not there either.
			refuse(response, status === 403 ? 404 : status),
		)
		.pipe(response)
}

/** The best precompressed form that is there and that the client takes, or null for the file as it is. */
async function chooseEncoding(
	request: IncomingMessage,
	root: string,
	path: string,
): Promise<Encoding | null> {
	const wanted = new Negotiator(request).encodings(Object.keys(ENCODINGS)) as Encoding[]
	// A path that is unusual in any way is found, or refused, as it is.
	if (!/^[\w/.-]+$/.test(path) || path.includes('..')) return null
	for (const encoding of Object.keys(ENCODINGS) as Encoding[]) {
		if (!wanted.includes(encoding)) continue
		const found = await stat(join(root, `${path}${ENCODINGS[encoding]}`)).catch(() => null)
		if (found?.isFile()) return encoding
	}
	return null
}

function refuse(response: ServerResponse, status: number): void {
	if (response.headersSent) {
		response.destroy()
		return
	}
	for (const name of ['Cache-Control', 'Content-Encoding', 'ETag', 'Last-Modified'])
		response.removeHeader(name)
	response.statusCode = status
	response.setHeader('Content-Type', 'text/plain; charset=utf-8')
	response.end(REASONS[status] ?? 'error')
}

const REASONS: Readonly<Record<number, string>> = {
	400: 'bad request',
	404: 'not found',
	405: 'method not allowed',
	500: 'the file can not be read',
}

function setSecurityHeaders(response: ServerResponse, policy: string): void {
	response.setHeader('Content-Security-Policy', `${policy}; frame-ancestors 'none'`)
	response.setHeader('X-Content-Type-Options', 'nosniff')
	response.setHeader('Referrer-Policy', 'no-referrer')
}

function setPageHeaders(response: ServerResponse, path: string): void {
	response.setHeader('Cache-Control', path.startsWith('/assets/') ? FOR_EVER : 'no-cache')
}

function setModelHeaders(file: string, response: ServerResponse): void {
	response.setHeader('Cache-Control', file.endsWith(RELEASES_FILE) ? 'no-cache' : FOR_EVER)
	// A packed model is sent as it is, and with `nosniff` a browser must be told a type.
	if (!file.endsWith('.json')) response.setHeader('Content-Type', 'application/octet-stream')
}
