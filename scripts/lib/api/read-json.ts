// The body of a request as JSON, of no more bytes than a route takes.
import type { IncomingMessage } from 'node:http'
import type { GenericSchema, InferOutput } from 'valibot'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { ProblemError } from './problem.ts'

/** @throws ProblemError 400, 413, 415, 422 */
export async function readJsonAs<Schema extends GenericSchema>(
	schema: Schema,
	request: IncomingMessage,
	maxBytes: number,
): Promise<InferOutput<Schema>> {
	const body = await readJson(request, maxBytes)
	try {
		return parseWith(schema, body, 'body')
	} catch (error) {
		throw new ProblemError(422, errorMessage(error))
	}
}

async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
	const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';', 1)
	if (mediaType.trim().toLowerCase() !== 'application/json')
		throw new ProblemError(415, 'send the body with Content-Type: application/json', {
			Accept: 'application/json',
		})
	if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
		throw new ProblemError(415, 'send the body as it is, without Content-Encoding')
	const bytes = await readBody(request, maxBytes)
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
	} catch {
		throw new ProblemError(400, 'the body is not JSON in UTF-8')
	}
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
	if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
	const chunks: Buffer[] = []
	let length = 0
	await new Promise<void>((done, fail) => {
		const leave = () => fail(new AppError('aborted', 'the client went away'))
		request.on('data', (chunk: Buffer) => {
			length += chunk.length
			if (length <= maxBytes) chunks.push(chunk)
			else fail(tooLarge(maxBytes))
		})
		request.once('end', done).once('close', leave).once('error', leave)
	})
	return Buffer.concat(chunks)
}

/** The rest of the body is read and dropped, so that the client gets to reading this. */
function tooLarge(maxBytes: number): ProblemError {
	return new ProblemError(413, `the body is larger than ${maxBytes / 1024} KiB; send less at once`)
}
