// Uploads files to a bucket: large ones in parts, which the bucket keeps where an upload was cut short.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { AppError } from '../../../src/shared/app-error.ts'
import { sha256 } from '../files.ts'
import type { BucketClient } from './bucket-client.ts'
import type { SharedFile } from './shared-place.ts'

/** The smallest part that S3 takes, but for the last: what a broken connection costs. */
const PART_BYTES = 5 * 1024 * 1024

/** The address of an object, and its key as the bucket lists it. */
interface Address {
	readonly url: string
	readonly key: string
}

/**
 * @param onBytes is told how many bytes of the file are there
 * @returns false where the bucket had it already, with the same headers
 */
export async function uploadToBucket(
	client: BucketClient,
	file: SharedFile,
	onBytes: (bytes: number) => void = () => {},
): Promise<boolean> {
	const url = `${client.base}/${file.name}`
	const key = decodeURIComponent(url.slice(client.bucket.length + 1))
	if (await isThere(client, url, file)) return false
	try {
		if (file.record.bytes <= PART_BYTES) await uploadWhole(client, url, file)
		else await uploadParts(client, { url, key }, { file, onBytes })
	} catch (error) {
		// Another machine that uploads the same file takes this upload for one that was cut short, and ends it with its own.
		if (!(await isThere(client, url, file).catch(() => false))) throw error
	}
	onBytes(file.record.bytes)
	return true
}

/** How an object is served, and by which digest it is known again. */
function headersOf({ headers, record }: SharedFile): Record<string, string> {
	return { ...headers, 'x-amz-meta-sha256': record.sha256 }
}

async function isThere(client: BucketClient, url: string, file: SharedFile): Promise<boolean> {
	const { ok, headers } = await client.send('HEAD', url)
	if (!ok || Number(headers.get('content-length')) !== file.record.bytes) return false
	return Object.entries(headersOf(file)).every(([name, value]) => headers.get(name) === value)
}

async function uploadWhole(client: BucketClient, url: string, file: SharedFile): Promise<void> {
	const body = await readPart(file.path, 0, file.record.bytes)
	const digest = { 'x-amz-content-sha256': sha256(body) }
	await finish(
		client,
		await client.send('PUT', url, { body, headers: { ...headersOf(file), ...digest } }),
	)
}

interface Part {
	readonly number: number
	readonly etag: string
}

async function uploadParts(
	client: BucketClient,
	address: Address,
	{ file, onBytes }: { readonly file: SharedFile; onBytes(bytes: number): void },
): Promise<void> {
	const [begun, ...older] = await listUploads(client, address)
	const id = begun ?? (await beginUpload(client, address, file))
	const kept =
		begun === undefined ? new Map<number, string>() : await listParts(client, address, id)
	const parts: Part[] = []
	for (let at = 0; at < file.record.bytes; at += PART_BYTES) {
		const number = at / PART_BYTES + 1
		const body = await readPart(file.path, at, Math.min(PART_BYTES, file.record.bytes - at))
		// Where an entity tag is not the part's MD5, as with keys of one's own, the part is sent again.
		const isKept = kept.get(number) === createHash('md5').update(body).digest('hex')
		const etag = isKept
			? `"${kept.get(number)}"`
			: await uploadPart(client, address, { id, number, body })
		parts.push({ number, etag })
		onBytes(at + body.length)
	}
	await completeUpload(client, address, { id, parts })
	// What other uploads of this file left would be paid for, for ever.
	for (const left of older)
		await client.send('DELETE', `${address.url}?uploadId=${encodeURIComponent(left)}`)
}

async function readPart(path: string, at: number, length: number): Promise<Buffer<ArrayBuffer>> {
	const file = await open(path)
	try {
		const part = Buffer.alloc(length)
		const { bytesRead } = await file.read(part, 0, length, at)
		if (bytesRead === length) return part
		throw new AppError('damaged', `${path} became shorter while it was read; run this again`)
	} finally {
		await file.close()
	}
}

/** Uploads of this file that were cut short, the newest first. */
async function listUploads(client: BucketClient, { key }: Address): Promise<string[]> {
	const query = `prefix=${encodeURIComponent(key)}&uploads=`
	const xml = await readXml(client, await client.send('GET', `${client.bucket}?${query}`))
	return elements(xml, 'Upload')
		.filter((upload) => textOf(upload, 'Key') === key)
		.map((upload) => ({ id: textOf(upload, 'UploadId'), begun: textOf(upload, 'Initiated') }))
		.sort((a, b) => (a.begun < b.begun ? 1 : -1))
		.map(({ id }) => id)
}

async function beginUpload(
	client: BucketClient,
	{ url }: Address,
	file: SharedFile,
): Promise<string> {
	const response = await client.send('POST', `${url}?uploads=`, { headers: headersOf(file) })
	return textOf(await readXml(client, response), 'UploadId')
}

/** The entity tags of the parts that are there, by number. */
async function listParts(
	client: BucketClient,
	{ url }: Address,
	id: string,
): Promise<Map<number, string>> {
	const response = await client.send('GET', `${url}?uploadId=${encodeURIComponent(id)}`)
	const parts = elements(await readXml(client, response), 'Part')
	return new Map(
		parts.map((part) => [
			Number(textOf(part, 'PartNumber')),
			textOf(part, 'ETag').replaceAll('"', ''),
		]),
	)
}

async function uploadPart(
	client: BucketClient,
	{ url }: Address,
	{
		id,
		number,
		body,
	}: { readonly id: string; readonly number: number; readonly body: Buffer<ArrayBuffer> },
): Promise<string> {
	const query = `partNumber=${number}&uploadId=${encodeURIComponent(id)}`
	const headers = { 'x-amz-content-sha256': sha256(body) }
	const response = await client.send('PUT', `${url}?${query}`, { body, headers })
	await finish(client, response)
	return response.headers.get('etag') ?? ''
}

async function completeUpload(
	client: BucketClient,
	{ url }: Address,
	{ id, parts }: { readonly id: string; readonly parts: readonly Part[] },
): Promise<void> {
	const listed = parts
		.map(
			({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
		)
		.join('')
	const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`
	const query = `uploadId=${encodeURIComponent(id)}`
	const xml = await readXml(client, await client.send('POST', `${url}?${query}`, { body }))
	// This answer begins before the work is done, so that it says 200 also where that then fails.
	const code = textOf(xml, 'Code')
	if (code !== '')
		throw new AppError('server', `store answered ${code}: ${client.location}; run this again later`)
}

/** @throws AppError `not-found` where the bucket is not there */
async function finish(client: BucketClient, response: Response): Promise<void> {
	if (!response.ok) throw await client.refused(response)
	await response.body?.cancel()
}

async function readXml(client: BucketClient, response: Response): Promise<string> {
	if (!response.ok) throw await client.refused(response)
	return response.text().catch((error: unknown) => {
		throw client.broken(error)
	})
}

/** What is inside each element of this name; those of S3's answers have no attributes, and none is inside one of its name. */
function elements(xml: string, name: string): string[] {
	const found = xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))
	return [...found].map(([, inside = '']) => inside)
}

const ENTITIES: Readonly<Record<string, string>> = {
	quot: '"',
	amp: '&',
	lt: '<',
	gt: '>',
	apos: "'",
}

function textOf(xml: string, name: string): string {
	return (elements(xml, name)[0] ?? '').replace(
		/&(?:#(\d+)|(\w+));/g,
		(_, code?: string, entity = '') =>
			code ? String.fromCodePoint(Number(code)) : (ENTITIES[entity] ?? ''),
	)
}
