// A shared store in a bucket that speaks S3's protocol. aws4fetch signs; Node's fetch sends.
import { openAsBlob } from 'node:fs'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AwsClient } from 'aws4fetch'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { makeFolder, replaceFile, storageError } from '../files.ts'
import type { FileRecord } from '../recorded-files.ts'
import type { SharedStore } from './shared-store.ts'

/** Of a server that is busy: the first pause, which doubles each time. */
const FIRST_PAUSE_MS = 100
const RETRIES = 5

/** @throws AppError `bad-input` for a URL without a bucket, and where there are no keys */
export function openBucket(url: string, { env }: Pick<Effects, 'env'>): SharedStore {
	const base = locateBucket(url, env)
	const client = createClient(env)
	const location = url.replace(/\/+$/, '')
	const send = async (method: string, name: string, init: RequestInit = {}) => {
		const response = await client
			.fetch(`${base}/${name}`, { method, ...init })
			.catch((error: unknown) => {
				throw unreachable(location, base, error)
			})
		if (response.ok || response.status === 404) return response
		throw await refused(location, response)
	}
	return {
		location,
		has: async (name) => (await send('HEAD', name)).ok,
		async download(name, path) {
			const response = await send('GET', name)
			if (!response.ok) {
				await response.body?.cancel()
				return false
			}
			await save(response, path, () => unreachable(location, base, null))
			return true
		},
		async upload(path, name, file) {
			const response = await send('PUT', name, await describeUpload(path, file))
			await response.body?.cancel()
			if (!response.ok) throw await refused(location, response)
		},
	}
}

// The digest is known, so nothing has to be read twice, and the server checks it. A blob has a length, which S3 asks for, and
// is read from the disk as it is sent.
async function describeUpload(path: string, { sha256 }: FileRecord): Promise<RequestInit> {
	return { body: await openAsBlob(path), headers: { 'x-amz-content-sha256': sha256 } }
}

async function save(response: Response, path: string, broken: () => AppError): Promise<void> {
	await makeFolder(dirname(path))
	try {
		await replaceFile(path, async (file) => {
			if (!response.body) return
			const chunks = Readable.fromWeb(response.body as ReadableStream<Uint8Array>)
			for await (const chunk of chunks as AsyncIterable<Uint8Array>) await file.write(chunk)
		})
	} catch (error) {
		if (error instanceof TypeError) throw broken()
		throw storageError(error, path)
	}
}

/** Where the bucket's objects are: in a host of its own at Amazon, below the server's address elsewhere. */
function locateBucket(url: string, env: Effects['env']): string {
	const { hostname: bucket, pathname } = new URL(url)
	if (bucket === '')
		throw new AppError('bad-input', `store names no bucket: ${url}; expected s3://bucket/prefix`)
	const prefix = pathname.replace(/\/+$/, '')
	const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL
	if (!endpoint) return `https://${bucket}.s3.${regionOf(env)}.amazonaws.com${prefix}`
	if (URL.canParse(endpoint)) return `${endpoint.replace(/\/+$/, '')}/${bucket}${prefix}`
	throw new AppError('bad-input', `AWS_ENDPOINT_URL is no URL: ${endpoint}; expected https://host`)
}

function regionOf(env: Effects['env']): string {
	return env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1'
}

function createClient(env: Effects['env']): AwsClient {
	const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
	if (!accessKeyId || !secretAccessKey)
		throw new AppError(
			'bad-input',
			'no keys for the store: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; set both',
		)
	return new AwsClient({
		accessKeyId,
		secretAccessKey,
		...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
		service: 's3',
		region: regionOf(env),
		retries: RETRIES,
		initRetryMs: FIRST_PAUSE_MS,
	})
}

function unreachable(location: string, base: string, error: unknown): AppError {
	const { host } = new URL(base)
	return new AppError(
		'network',
		`store did not answer: ${location} at ${host}; check AWS_ENDPOINT_URL and the network, and run this again`,
		error,
	)
}

async function refused(location: string, response: Response): Promise<AppError> {
	const { status } = response
	const code = /<Code>(\w+)<\/Code>/.exec(await response.text().catch(() => ''))?.[1]
	const said = code ? `${status} ${code}` : `${status}`
	if (status === 401 || status === 403)
		return new AppError(
			'bad-input',
			`store refused the keys: ${location} (${said}); check the AWS_… variables and what the keys may do`,
		)
	if (status === 404)
		return new AppError('not-found', `store is not there: ${location} (${said}); make the bucket`)
	return new AppError('server', `store answered ${said}: ${location}; run this again later`)
}
