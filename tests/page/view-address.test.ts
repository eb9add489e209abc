import { describe, expect, it } from 'vitest'
import { formatView, readView } from '../../src/page/view-address.ts'

describe('the address of a view', () => {
	it.each([
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

	it.each(['', '#', '#releases', '#/', '#/releases/<b>', '#/other', '#/drift/../x'])(
		'%j is no view',
		(hash) => {
			expect(readView(hash)).toBeNull()
		},
	)

	it('of two releases that are none shows what there is to compare', () => {
		expect(readView('#/compare/a..b')).toEqual({ kind: 'compare', a: null, b: null })
	})
})
