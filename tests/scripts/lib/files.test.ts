import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
	describeFile,
	readTextFile,
	sha256,
	storageError,
	writeAt,
	writeFileAtomic,
} from '../../../scripts/lib/files.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

describe('writeFileAtomic', () => {
	it('makes the folders above and leaves nothing beside the file', async () => {
		const dir = await temporaryFolder()
		await writeFileAtomic(join(dir, 'a/b/c.json'), '{}')
		expect(await readdir(join(dir, 'a/b'))).toEqual(['c.json'])
		expect(await readFile(join(dir, 'a/b/c.json'), 'utf8')).toBe('{}')
	})

	it('keeps the old file and cleans up where the new one can’t take its place', async () => {
		const dir = await temporaryFolder()
		// A folder with a file in it can't be replaced by a file.
		await mkdir(join(dir, 'taken'))
		await writeFile(join(dir, 'taken/inside'), 'kept')
		await expect(writeFileAtomic(join(dir, 'taken'), 'new')).rejects.toThrow()
		expect(await readdir(dir)).toEqual(['taken'])
		expect(await readFile(join(dir, 'taken/inside'), 'utf8')).toBe('kept')
	})
})

describe('writeAt', () => {
	it('goes on where a disk takes less than it is asked to, and ends with what the disk then says', async () => {
		const disk = Buffer.alloc(12, '.')
		let room = 10
		const write = async (bytes: Uint8Array, from: number, length: number, at: number) => {
			if (room === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
			const bytesWritten = Math.min(length, 3, room)
			disk.set(bytes.subarray(from, from + bytesWritten), at)
			room -= bytesWritten
			return { bytesWritten, buffer: bytes }
		}
		const file = { write } as Parameters<typeof writeAt>[0]
		await writeAt(file, Buffer.from('abcdefgh'), 2)
		expect(disk.toString()).toBe('..abcdefgh..')
		await expect(writeAt(file, Buffer.from('ABCD'), 0)).rejects.toThrow('no space left')
	})
})

describe('storageError', () => {
	it('makes a full disk an expected failure that says what next', () => {
		const error = storageError(Object.assign(new Error('x'), { code: 'ENOSPC' }), '/data/posts.db')
		expect(error).toMatchObject({
			code: 'storage-full',
			message: 'disk is full: /data/posts.db; free some space and run this again',
		})
	})

	it('leaves a bug as it is', () => {
		const bug = new TypeError('x is undefined')
		expect(storageError(bug, '/data')).toBe(bug)
	})
})

describe('readTextFile', () => {
	it('names what is missing and where', async () => {
		const dir = await temporaryFolder()
		await expect(readTextFile(join(dir, 'x'), 'manifest')).rejects.toMatchObject({
			code: 'not-found',
			message: `manifest not found: ${join(dir, 'x')}`,
		})
	})
})

describe('describeFile', () => {
	it('gives name, bytes and the digest of a known text', async () => {
		const dir = await temporaryFolder()
		await writeFile(join(dir, 'abc.txt'), 'abc')
		// FIPS 180-2, appendix B.1.
		const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
		expect(await describeFile(join(dir, 'abc.txt'))).toEqual({
			name: 'abc.txt',
			bytes: 3,
			sha256: digest,
		})
		expect(sha256('abc')).toBe(digest)
	})
})
