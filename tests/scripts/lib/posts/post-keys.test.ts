import fc from 'fast-check'
import Database from 'libsql'
import { describe, expect, it } from 'vitest'
import {
	BEFORE_KEYS,
	hasNoKeyInSql,
	idInSql,
	keyInSql,
	keyOf,
} from '../../../../scripts/lib/posts/post-keys.ts'

const database = new Database(':memory:')
const ask = (sql: string) => {
	const statement = database.prepare(`SELECT ${sql} FROM (SELECT ?1 AS it)`)
	statement.raw(true)
	return (value: string | number) => (statement.get([value]) as unknown as unknown[])[0]
}
const id = fc.string({
	unit: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz'),
	minLength: 1,
	maxLength: 10,
})

describe('keys of posts', () => {
	it('are the same in SQL, and give their ids back', () => {
		const [toKey, toId] = [ask(keyInSql('it')), ask(idInSql('it'))]
		fc.assert(
			fc.property(id, (one) => {
				expect(toKey(one)).toBe(keyOf(one))
				expect(toId(keyOf(one))).toBe(one)
			}),
		)
	})

	it('are in the order of ids as text', () => {
		fc.assert(
			fc.property(id, id, (one, other) => {
				expect(keyOf(one) < keyOf(other)).toBe(one < other)
				expect(keyOf(one)).toBeGreaterThan(BEFORE_KEYS)
			}),
		)
	})

	it('are numbers that JavaScript holds', () => {
		expect(Number.isSafeInteger(keyOf('zzzzzzzzzz'))).toBe(true)
	})

	it.each(['', 'ABC', 'a-1', 'é', ' a', 'zzzzzzzzzzz'])('are not of %j', (odd) => {
		expect(ask(hasNoKeyInSql('it'))(odd)).toBe(1)
		expect(ask(hasNoKeyInSql('it'))('zzzzzzzzzz')).toBe(0)
	})
})
