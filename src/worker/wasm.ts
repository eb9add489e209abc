// Compiles the WebAssembly files of the page, and says why where that fails: each cause has another remedy. Worker.
import { AppError, errorMessage } from '../shared/app-error.ts'
import { fetchFile, refuseWebPage } from './releases-source.ts'

/** The smallest module there is: the format's magic number and version. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/** @throws AppError `missing-tool`, `policy` where no WebAssembly runs here, whatever the file */
export function requireWebAssembly(): void {
	if (!globalThis.WebAssembly)
		throw new AppError(
			'missing-tool',
			"this browser can't run WebAssembly, perhaps because its lockdown mode is on; open this page in another browser",
		)
	try {
		new WebAssembly.Module(EMPTY_MODULE)
	} catch (error) {
		throw new AppError(
			'policy',
			"the Content-Security-Policy of this site does not let WebAssembly run; whoever runs the site can allow it with script-src 'wasm-unsafe-eval'",
			error,
		)
	}
}

/**
 * @param what as in `the engine`
 * @throws AppError `missing-tool`, `policy`, `network`, `server`, `web-page`, `outdated`, `damaged-page`, `out-of-memory`
 */
export async function compileWasm(url: string, what: string): Promise<WebAssembly.Module> {
	requireWebAssembly()
	const response = await fetchPart(new URL(url, globalThis.location?.href), what)
	const isWasm = response.headers.get('content-type')?.startsWith('application/wasm') === true
	try {
		// Not every host sends the file with WebAssembly's type, which a browser that compiles it as it comes insists on.
		if (isWasm && WebAssembly.compileStreaming) return await WebAssembly.compileStreaming(response)
		return await compileBytes(new Uint8Array(await response.arrayBuffer()), what)
	} catch (error) {
		throw explainFailure(error, what)
	}
}

/** Whether the browser gave no more memory. */
export function isOutOfMemory(error: unknown): boolean {
	return (
		error instanceof RangeError || /out of memory|allocation (?:failed|size)/i.test(String(error))
	)
}

export function outOfMemory(task: string, cause?: unknown): AppError {
	return new AppError(
		'out-of-memory',
		`this device has too little free memory to ${task}; close other tabs or apps`,
		cause,
	)
}

async function compileBytes(bytes: Uint8Array<ArrayBuffer>, what: string) {
	refuseWebPage(bytes, what)
	return WebAssembly.compile(bytes)
}

/** A file of the page that is not there any more was replaced by that of a newer build. */
async function fetchPart(url: URL, what: string): Promise<Response> {
	try {
		return await fetchFile(url, 'default', new AbortController().signal)
	} catch (error) {
		if (error instanceof AppError && error.code === 'not-found')
			throw new AppError('outdated', `${what} of this page is gone from the server`, error)
		throw error
	}
}

function explainFailure(error: unknown, what: string): AppError {
	if (error instanceof AppError) return error
	if (isOutOfMemory(error)) return outOfMemory(`start ${what}`, error)
	if (error instanceof WebAssembly.CompileError)
		return new AppError('damaged-page', `${what} arrived damaged: ${errorMessage(error)}`, error)
	return new AppError('network', `the connection broke while ${what} was loaded`, error)
}
