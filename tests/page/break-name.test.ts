import { describe, expect, it } from 'vitest'
import { breakName } from '../../src/page/break-name.ts'

describe('breakName', () => {
	it.each([
		['r/LastWarMobileGame', ['r/Last', 'War', 'Mobile', 'Game']],
		['r/Against_the_Storm', ['r/Against_', 'the_', 'Storm']],
		['r/eBaySellerAdvice', ['r/eBay', 'Seller', 'Advice']],
		['r/AITASimsStories', ['r/AITA', 'Sims', 'Stories']],
		['r/PCMasterRaceMemes', ['r/PC', 'Master', 'Race', 'Memes']],
		['r/destiny2builds', ['r/destiny2', 'builds']],
		['r/Mobpsycho100', ['r/Mobpsycho', '100']],
		['r/Mortgageadviceuk', ['r/Mortgage', 'advice', 'uk']],
		['r/homeimprovementideas', ['r/homeimprovement', 'ideas']],
	])('breaks %s at its capitals, underscores, digits and last words', (name, parts) => {
		expect(breakName(name)).toEqual(parts)
	})

	it.each([
		['r/pokemoncardcollectors', ['card', 'pokemon'], ['r/pokemon', 'card', 'collectors']],
		['r/furniturerestoration', ['walnut', 'furniture'], ['r/furniture', 'restoration']],
		['r/beerstickers', ['beer', 'sticker'], ['r/beer', 'stickers']],
		['r/teapotsociety', ['tea', 'pot'], ['r/teapotsociety']],
	])('breaks %s at words that speak for it', (name, words, parts) => {
		expect(breakName(name, words)).toEqual(parts)
	})

	it.each([
		['r/pokemoncardcollectors', ['r/pokemoncard', 'collectors']],
		['r/rhythmnthmsdgfbvcxq', ['r/rhythmnth', 'msdgfbvcxq']],
	])('halves %s, in which it finds no word, behind a syllable', (name, parts) => {
		expect(breakName(name)).toEqual(parts)
	})

	it.each(['r/_', 'r/AskReddit', 'r/MacOSBeta', 'r/teapotsociety'])('leaves %s whole', (name) => {
		expect(breakName(name)).toEqual([name])
	})
})
