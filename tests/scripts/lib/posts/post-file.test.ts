// Files that are longer than what is read of them at once.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openPostFile } from '../../../../scripts/lib/posts/post-file.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { hasZstdDecoder, packZstandard } from '../../../fixtures/zstandard.ts'

/** Four chunks and a piece; hexadecimal digits, so that it is packed to half, and over several chunks still. */
const TEXT = randomBytes(2_400_000).toString('hex')
const PARTS = [0, 1, 2].map((part) => TEXT.slice(part * 1_600_000, (part + 1) * 1_600_000))

async function readAll(name: string, bytes: Uint8Array) {
	const path = join(await temporaryFolder(), name)
	await writeFile(path, bytes)
	const file = await openPostFile(path, await testEffects())
	let packed = 0
	const chunks: Buffer[] = []
	for await (const chunk of file.read((more) => {
		packed += more
	})) {
		// What is read ahead meanwhile must not come into it.
		await setImmediate()
		chunks.push(Buffer.from(chunk))
	}
	return { text: Buffer.concat(chunks), packed }
}

function zstandard(): [name: string, bytes: Buffer][] {
	if (!hasZstdDecoder) return []
	return [
		['a.zst', packZstandard(TEXT)],
		['frames.zst', Buffer.concat(PARTS.map((part) => packZstandard(part)))],
	]
}

describe('openPostFile', () => {
	it.each<[name: string, bytes: Buffer]>([
		['a.ndjson', Buffer.from(TEXT)],
		['a.ndjson.gz', gzipSync(TEXT)],
		['members.gz', Buffer.concat(PARTS.map((part) => gzipSync(part)))],
		...zstandard(),
	])('reads all of %s, whatever is read ahead', async (name, bytes) => {
		const { text, packed } = await readAll(name, bytes)
		expect(text.equals(Buffer.from(TEXT))).toBe(true)
		expect(packed).toBe(bytes.length)
	})
})
