import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	formatTitle,
	formatView,
	readTitleOf,
	readView,
	withTitle,
} from '../../src/page/address.ts'

describe('the address of a view', () => {
	it.each([
		['#/about', { kind: 'about' }],
		['#/privacy', { kind: 'privacy' }],
		['#/picks', { kind: 'picks' }],
		['#/releases', { kind: 'releases', version: null }],
		['#/releases/20130601.0', { kind: 'releases', version: '20130601.0' }],
		['#/compare', { kind: 'compare', a: null, b: null }],
		['#/compare/20130601.0..20130701.1', { kind: 'compare', a: '20130601.0', b: '20130701.1' }],
		[
			'#/drift/drift-20130601.0-0a1b2c3d.json',
			{ kind: 'drift', file: 'drift-20130601.0-0a1b2c3d.json' },
		],
	] as const)('%s is read and written', (hash, view) => {
		expect(readView(hash)).toEqual(view)
		expect(formatView(view)).toBe(hash)
	})

	it.each(['', '#', '#releases', '#/', '#/releases/<b>', '#/other', '#/drift/../x', '#/picks/1'])(
		'%j is no view',
		(hash) => {
			expect(readView(hash)).toBeNull()
		},
	)

	it('of two releases that are none shows what there is to compare', () => {
		expect(readView('#/compare/a..b')).toEqual({ kind: 'compare', a: null, b: null })
	})
})

const PAGE = new URL('https://example.org/somewhere/?channel=staging')

describe('the address of a title', () => {
	it.each([
		['https://example.org/#title=a%20kitten', 'a kitten'],
		['https://example.org/#title=a+kitten', 'a kitten'],
		['https://example.org/?title=a+kitten', 'a kitten'],
		['https://example.org/?title=&text=from%20a%20share', 'from a share'],
		['https://example.org/?title=before#title=after', 'after'],
		// What a person may have cut or typed: never an error.
		['https://example.org/#title=100%', '100%'],
		['https://example.org/', null],
		['https://example.org/#/releases', null],
	])('%s brings %j', (address, text) => {
		expect(readTitleOf(new URL(address))).toBe(text)
	})

	it('brings back any title that it was made of', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (text) => {
				fc.pre(text.trim() !== '')
				expect(readTitleOf(new URL(withTitle(PAGE, text)))).toBe(text)
			}),
		)
	})

	it('keeps the rest of the address, and nothing of a title where a server would see it', () => {
		const shared = new URL('https://example.org/?title=kitten&text=x&url=y&channel=canary')
		expect(withTitle(shared, 'kitten')).toBe('https://example.org/?channel=canary#title=kitten')
		expect(withTitle(shared, ' ')).toBe('https://example.org/?channel=canary')
	})

	it('takes a title with half a character', () => {
		expect(formatTitle('moon \ud83d')).toBe('#title=moon%20%EF%BF%BD')
	})
})
