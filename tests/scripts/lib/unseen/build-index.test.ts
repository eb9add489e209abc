import { describe, expect, it } from 'vitest'
import type { DescribedSubreddit } from '../../../../scripts/lib/subreddits/list.ts'
import { TOPICS } from '../../../fixtures/corpus.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { makeUnseen, UNSEEN_LIST } from '../../../fixtures/unseen.ts'

const MODEL = makeModelFile({ topics: TOPICS })

function describedAs(name: string, description: string, subscribers = 5_000): DescribedSubreddit {
	return { name, subscribers, description }
}

describe('the index of unseen subreddits', () => {
	it('has those of the list that the model has not learnt, by name', async () => {
		const list = [...UNSEEN_LIST, describedAs('Cats', 'cats of all kinds')]
		const { index } = await makeUnseen(MODEL, list)
		expect(index.names).toEqual(['DevelEire', 'kittenloaf', 'moonlore', 'ukulele'])
	})

	it('takes of two names that differ in case the larger subreddit', async () => {
		const list = [describedAs('moonlore', 'small', 10), describedAs('MoonLore', 'large', 20)]
		expect((await makeUnseen(MODEL, list)).index.names).toEqual(['MoonLore'])
		expect((await makeUnseen(MODEL, list.reverse())).index.names).toEqual(['MoonLore'])
	})

	it('counts words of the name three times, and leaves out what stands in too many titles', async () => {
		const { index } = await makeUnseen(MODEL)
		const row = index.words.indexOf('moon')
		const at = index.postings.from[row] as number
		expect(index.names[index.postings.subreddits[at] as number]).toBe('moonlore')
		// Once in the description, once in the name.
		expect(index.postings.values[at]).toBe(4)
		expect(index.words).not.toContain('the')
	})

	it('asks the model what the descriptions are about', async () => {
		const { index, labels } = await makeUnseen(MODEL)
		const cats = [...labels].sort().indexOf('cats')
		const { from, subreddits, values } = index.labels
		const own = [...subreddits.subarray(from[cats], from[cats + 1])].map((at) => index.names[at])
		expect(own).toContain('kittenloaf')
		expect(values.every((value) => value >= 1 && value <= 15)).toBe(true)
	})

	it('holds no sentence of a description', async () => {
		const { bytes } = await makeUnseen(MODEL)
		const text = Buffer.from(bytes).toString('latin1')
		for (const { description } of UNSEEN_LIST) expect(text).not.toContain(description)
	})

	it('is the same for the same list in another order', async () => {
		const other = await makeUnseen(MODEL, [...UNSEEN_LIST].reverse())
		expect(Buffer.compare(other.bytes, (await makeUnseen(MODEL)).bytes)).toBe(0)
	})
})
