import { describe, expect, test } from 'vitest'
import type { Releases } from '../../src/shared/releases.ts'
import { chooseTarget } from '../../src/worker/releases-source.ts'

const RELEASES: Releases = {
	schema: 1,
	channels: {
		production: '20130601.0',
		staging: null,
		canary: { version: '20130701.0', share: 0.1 },
	},
	releases: [],
	history: [],
}

describe('chooseTarget', () => {
	test('gives the canary to its share of tickets, production to the others', () => {
		const tickets = Array.from({ length: 1000 }, (_, index) => index / 1000)
		const channels = tickets.map((ticket) => chooseTarget(RELEASES, null, ticket).channel)
		expect(channels.filter((channel) => channel === 'canary')).toHaveLength(100)
	})

	test('follows a preview whatever the ticket', () => {
		expect(chooseTarget(RELEASES, 'production', 0)).toEqual({
			version: '20130601.0',
			channel: 'production',
		})
		expect(chooseTarget(RELEASES, 'canary', 0.99).version).toBe('20130701.0')
	})

	test('says which channel has no release', () => {
		expect(() => chooseTarget(RELEASES, 'staging', 0.5)).toThrow(
			'no release on the staging channel yet',
		)
	})
})
