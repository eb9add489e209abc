import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFile } from '../../../scripts/lib/files.ts'
import { readTrainingText, writeTrainingText } from '../../../scripts/lib/training-text.ts'
import { formatTrainingLine } from '../../../src/model/training-text.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = []
	for await (const item of items) all.push(item)
	return all
}

describe('a file of training text', () => {
	it('is read as it was written, and described as it is', async () => {
		const path = join(await temporaryFolder(), 'train.txt')
		const titles = Array.from({ length: 60_000 }, (_, index) => ({
			subreddit: `r${index % 7}`,
			text: `naïve title ${index} 日本語`,
		}))
		const pieces = [titles.slice(0, 40_000), titles.slice(40_000)].map((part) =>
			Buffer.from(part.map(formatTrainingLine).join('')),
		)
		expect(await writeTrainingText(path, pieces)).toEqual(await describeFile(path))
		expect(await collect(readTrainingText(path))).toEqual(titles)
	})

	it('is not written over another', async () => {
		const path = join(await temporaryFolder(), 'train.txt')
		await writeTrainingText(path, [])
		await expect(writeTrainingText(path, [])).rejects.toThrow(/EEXIST/)
	})

	it('names the line that has no label', async () => {
		const path = join(await temporaryFolder(), 'train.txt')
		await writeFile(path, '__label__cats kitten\nkitten\n')
		await expect(collect(readTrainingText(path))).rejects.toMatchObject({
			code: 'bad-data',
			message: `${path}:2: expected __label__Name and a title`,
		})
	})
})
