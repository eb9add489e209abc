// Signed requests to a bucket that speaks S3's protocol. aws4fetch signs; Node's fetch sends.
import { AwsClient } from 'aws4fetch'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'

/** Of a server that is busy: the first pause, which doubles each time. */
const FIRST_PAUSE_MS = 100
const RETRIES = 5

export interface BucketClient {
	/** As a message may show it: without a secret. */
	readonly location: string
	/** The address of the bucket, and that of what is below the prefix in it. */
	readonly bucket: string
	readonly base: string
	/**
	 * Asks for what has this address, query included.
	 *
	 * @returns a response that is in order, or one that says that there is no such thing
	 * @throws AppError `network`, `server`, `bad-input` where the keys are refused
	 */
	send(method: string, url: string, init?: RequestInit): Promise<Response>
	/** The failure of an answer that stopped in the middle. */
	broken(error?: unknown): AppError
	refused(response: Response): Promise<AppError>
}

/** @throws AppError `bad-input` for a URL without a bucket, and where there are no keys */
export function openBucketClient(url: string, { env }: Pick<Effects, 'env'>): BucketClient {
	const { bucket, prefix } = locateBucket(url, env)
	const client = createClient(env)
	const location = url.replace(/\/+$/, '')
	const broken = (error: unknown = null) => unreachable(location, bucket, error)
	return {
		location,
		bucket,
		base: bucket + prefix,
		async send(method, address, init = {}) {
			const response = await client.fetch(address, { method, ...init }).catch((error: unknown) => {
				throw broken(error)
			})
			if (response.ok || response.status === 404) return response
			throw await refused(location, response)
		},
		broken,
		refused: (response) => refused(location, response),
	}
}

/** Where the bucket's objects are: in a host of its own at Amazon, below the server's address elsewhere. */
function locateBucket(url: string, env: Effects['env']) {
	if (!URL.canParse(url))
		throw new AppError(
			'bad-input',
			`store has no valid URL: s3://${url.slice(5).split('@').at(-1)}; expected s3://bucket/prefix`,
		)
	const { hostname: name, pathname, username, password } = new URL(url)
	if (username !== '' || password !== '')
		throw new AppError(
			'bad-input',
			`the store's URL carries a user: s3://${name}${pathname}; put the keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
		)
	if (name === '')
		throw new AppError('bad-input', `store names no bucket: ${url}; expected s3://bucket/prefix`)
	const prefix = pathname.replace(/\/+$/, '')
	const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL
	if (!endpoint) return { bucket: `https://${name}.s3.${regionOf(env)}.amazonaws.com`, prefix }
	if (URL.canParse(endpoint)) return { bucket: `${endpoint.replace(/\/+$/, '')}/${name}`, prefix }
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

function unreachable(location: string, bucket: string, error: unknown): AppError {
	const { host } = new URL(bucket)
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
