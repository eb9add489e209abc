import { describe, expect, it } from 'vitest'
import { breakName } from '../../src/page/break-name.ts'

describe('breakName', () => {
	it.each([
		['r/LastWarMobileGame', ['r/Last', 'War', 'Mobile', 'Game']],
		['r/Against_the_Storm', ['r/Against_', 'the_', 'Storm']],
		['r/PS5Deals', ['r/PS5', 'Deals']],
		['r/AITASims', ['r/AITASims']],
		['r/pokemoncardcollectors', ['r/pokemoncard', 'collectors']],
		['r/homeimprovementideas', ['r/homeimpro', 'vementideas']],
		['r/rhythmnthmsdgfbvcxq', ['r/rhythmnth', 'msdgfbvcxq']],
		['r/_', ['r/_']],
	])(
		'breaks %s before capitals, after underscores, and long parts near the middle',
		(name, parts) => {
			expect(breakName(name)).toEqual(parts)
			expect(parts.join('')).toBe(name)
		},
	)
})
