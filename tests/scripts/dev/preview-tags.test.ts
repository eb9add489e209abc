import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { previewTags } from '../../../scripts/dev/preview-tags.ts'

describe('what a link to the page shows elsewhere', () => {
	it('has whole addresses below the folder of the page', () => {
		for (const address of ['https://example.org/which', 'https://example.org/which/'])
			expect(Object.fromEntries(previewTags(address))).toEqual({
				'og:url': 'https://example.org/which/',
				'og:image': 'https://example.org/which/icon-512.png',
				'og:image:alt': 'whichsub',
			})
	})

	it('has no picture where the address is not known, and none that is relative', async () => {
		expect(previewTags(undefined)).toEqual([])
		expect(previewTags('')).toEqual([])
		expect(await readFile('index.html', 'utf8')).not.toContain('og:image')
	})

	it('refuses what is no address', () => {
		expect(() => previewTags('example')).toThrow(TypeError)
	})
})
