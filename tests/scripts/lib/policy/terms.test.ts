import { describe, expect, it } from 'vitest'
import { readPolicyTerms } from '../../../../scripts/lib/policy/terms.ts'

describe('isFitToShow', () => {
	it('lets words of all kinds of subreddits through', async () => {
		const terms = await readPolicyTerms()
		const fit = [
			'telescope',
			'boss',
			'arsenal',
			'cocktail',
			'crappie',
			'cumulus',
			'analysis',
			'murder',
			'class',
		]
		expect(fit.filter((word) => !terms.isFitToShow(word))).toEqual([])
	})

	it('holds back coarse words in all their forms, and those that the policy knows subreddits by', async () => {
		const terms = await readPolicyTerms()
		const coarse = ['fuck', 'fucking', 'shitty', 'bitches', 'retarded', 'nsfw', 'sexy', 'hentai']
		expect(coarse.filter((word) => terms.isFitToShow(word))).toEqual([])
	})
})
