// The server of `npm start` and of the browser tests: files as they are, security headers, live releases.
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import { AppError } from '../../src/shared/app-error.ts'
import { CONTENT_SECURITY_POLICY } from '../../src/shared/content-security-policy.ts'
import { RELEASES_FILE } from '../../src/shared/releases.ts'
import { exists } from './files.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'
const MODELS_PREFIX = '/models/'
const METHODS = ['GET', 'HEAD']

export interface ServerOptions {
	readonly distDir: string
	readonly modelsDir: string
	/** 0 takes any free port. */
	readonly port: number
}

export interface RunningServer {
	readonly url: string
	close(): Promise<void>
}

/**
 * Serves on the loopback interface only.
 *
 * @throws AppError `not-found` where the page is not built, `conflict` where the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
	if (!(await exists(join(options.distDir, 'index.html'))))
		throw new AppError('not-found', `no built page in ${options.distDir}; run: npm run build`)
	const server = createServer(createListener(options))
	await new Promise<void>((done, fail) => {
		server.once('error', (error: NodeJS.ErrnoException) =>
			fail(
				error.code === 'EADDRINUSE' || error.code === 'EACCES'
					? new AppError(
							'conflict',
							`port ${options.port} is not free; choose another with --port`,
							error,
						)
					: error,
			),
		)
		server.listen(options.port, 'localhost', done)
	})
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

// `dev` makes sirv look at the disk for each request: a release that is promoted is there at once.
function createListener({ distDir, modelsDir }: ServerOptions): RequestListener {
	const page = sirv(distDir, { dev: true, etag: true, setHeaders: setPageHeaders })
	const models = sirv(modelsDir, { dev: true, etag: true, setHeaders: setModelHeaders })
	return (request, response) => {
		setSecurityHeaders(response)
		if (!METHODS.includes(request.method ?? '')) {
			response.setHeader('Allow', METHODS.join(', '))
			return refuse(response, 405, 'method not allowed')
		}
		const notFound = () => refuse(response, 404, 'not found')
		if (request.url?.startsWith(MODELS_PREFIX)) {
			request.url = request.url.slice(MODELS_PREFIX.length - 1)
			models(request, response, notFound)
		} else page(request, response, notFound)
	}
}

function refuse(response: ServerResponse, status: number, reason: string): void {
	response.statusCode = status
	response.setHeader('Content-Type', 'text/plain; charset=utf-8')
	response.end(reason)
}

function setSecurityHeaders(response: ServerResponse): void {
	response.setHeader(
		'Content-Security-Policy',
		`${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
	)
	response.setHeader('X-Content-Type-Options', 'nosniff')
	response.setHeader('Referrer-Policy', 'no-referrer')
}

function setPageHeaders(response: ServerResponse, path: string): void {
	response.setHeader('Cache-Control', path.startsWith('/assets/') ? FOR_EVER : 'no-cache')
}

function setModelHeaders(response: ServerResponse, path: string): void {
	response.setHeader('Cache-Control', path.endsWith(RELEASES_FILE) ? 'no-cache' : FOR_EVER)
	// The endings of models are no types that sirv knows; with `nosniff` a browser must be told one.
	if (!path.endsWith('.json')) response.setHeader('Content-Type', 'application/octet-stream')
}
