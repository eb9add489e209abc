import { describe, expect, it } from 'vitest'
import { NameSplitter } from '../../../../scripts/lib/subreddits/split-name.ts'

const COUNTS = new Map(
	Object.entries({
		...{ irish: 900, software: 4_000, devs: 300, the: 90_000, walking: 800, dead: 3_000 },
		...{ iphone: 5_000, phone: 9_000, i: 99_000, a: 99_000, ask: 9_000, historians: 200 },
		...{ askhistorians: 40, nicks: 30, knicks: 400, ny: 3_000, of: 90_000, legends: 900 },
	}),
)
const splitter = new NameSplitter(COUNTS)

describe('NameSplitter', () => {
	it.each([
		['irishsoftwaredevs', ['irish', 'software', 'devs']],
		['IrishSoftwareDevs', ['irish', 'software', 'devs']],
		['TheWalkingDead', ['the', 'walking', 'dead']],
		['the_walking_dead', ['the', 'walking', 'dead']],
		['walking2dead', ['walking', '2', 'dead']],
		['AskHistorians', ['ask', 'historians']],
		['askhistorians', ['ask', 'historians']],
		['iphone', ['iphone']],
		['NYKnicks', ['ny', 'knicks']],
		['qqzzx', ['qqzzx']],
	])('splits %s', (name, words) => {
		expect(splitter.split(name)).toEqual(words)
	})

	it('takes words of the description for words', () => {
		expect(splitter.split('develeire', new Set(['eire', 'devel']))).toEqual(['devel', 'eire'])
	})

	it('loses no letter, whatever the name', () => {
		for (const name of ['a', 'x_', '__x', 'ABC123def', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'])
			expect(splitter.split(name).join('')).toBe(name.toLowerCase().replaceAll('_', ''))
	})
})
