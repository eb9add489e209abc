import { describe, expect, it } from 'vitest'
import { nameForSite } from '../../src/shared/site-name.ts'

describe('nameForSite', () => {
	it('leaves the names of the copy at the top of a host as they were', () => {
		expect(nameForSite('picks', 'https://example.org/index.html')).toBe('picks')
		expect(nameForSite('picks', 'https://example.org?x=/a/')).toBe('picks')
	})

	it('gives each folder names of its own, whatever file of it is named', () => {
		expect(nameForSite('picks', 'https://example.org/a/')).toBe('picks:/a/')
		expect(nameForSite('picks', 'https://example.org/a/index.html?x=1#y')).toBe('picks:/a/')
		expect(nameForSite('picks', 'https://example.org/b/')).toBe('picks:/b/')
	})
})
