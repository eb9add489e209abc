import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { contentSecurityPolicy } from '../../src/shared/content-security-policy.ts'
import { ModelOrigin, originOf, ReleaseLocation } from '../../src/shared/release-location.ts'
import { Releases, schemaOf } from '../../src/shared/releases.ts'

const ORIGINS = [
	'https://models.example.org',
	'https://models.example.org:8443',
	'https://bucket.s3.eu-west-1.amazonaws.com',
	'http://localhost:4173',
	'http://127.0.0.1:80',
]
const NO_ORIGINS = [
	...['', '*', 'https:', 'https://', 'https://*.example.org', 'models.example.org', "'self'"],
	...['http://models.example.org', 'http://localhost.example.org', 'http://127.0.0.10'],
	...['https://Models.example.org', 'https://me:secret@models.example.org', 'data:', 'blob:'],
	...['https://a.example https://b.example', "https://a.example; script-src 'unsafe-inline'"],
	...['https://a.example,https://b.example', 'https://a.example\n', 'https://-a.example'],
	...['https://a.example:99999999', 'ftp://a.example'],
	...['https://a.example:99999', 'https://1.2.3.4.5', 'https://300.1.1.1'],
]

describe('an origin of releases', () => {
	test.each(ORIGINS)('may be %s', (origin) => {
		expect(v.is(ModelOrigin, origin)).toBe(true)
		expect(new URL(`${origin}/`).protocol).toMatch(/^https?:$/)
	})

	test.each(NO_ORIGINS)('is not %j, and no location begins with it', (origin) => {
		expect(v.is(ModelOrigin, origin)).toBe(false)
		expect(v.is(ReleaseLocation, `${origin}/20200602.0/`)).toBe(false)
	})

	test('has no path', () => {
		for (const origin of ORIGINS) expect(v.is(ModelOrigin, `${origin}/`)).toBe(false)
	})
})

describe('a location', () => {
	test('is a folder at an origin, and begins with that as a browser reads it', () => {
		for (const origin of ORIGINS)
			for (const path of ['/', '/20200602.0/', '/a%20team/models/20200602.0/']) {
				expect(v.is(ReleaseLocation, origin + path)).toBe(true)
				expect(originOf(origin + path)).toBe(origin)
				expect(`${new URL(origin + path).origin}/`).toBe(new URL(`${origin}/`).href)
			}
	})

	test.each([
		...['', '/20200602.0', '/?to=', '/a/?b/', '/a/#b/', '/a b/', '/a\\b/', '//', '/a//b/', '/"/'],
	])('is not an origin with %j behind it', (path) => {
		expect(v.is(ReleaseLocation, `https://models.example.org${path}`)).toBe(false)
	})
})

test('the policy allows the page itself and the origins that it is given, and nothing else', () => {
	const sources = (origins: string[]) =>
		contentSecurityPolicy(origins)
			.split('; ')
			.filter((directive) => directive.startsWith('connect-src'))
	expect(sources([])).toEqual(["connect-src 'self'"])
	expect(sources(['https://a.example', 'https://b.example:1'])).toEqual([
		"connect-src 'self' https://a.example https://b.example:1",
	])
})

describe('releases.json', () => {
	const location = 'https://models.example.org/20200602.0/'
	const file = (schema: number, entry: object) => ({
		schema,
		channels: { production: null, staging: null, canary: null },
		releases: [{ version: '20200602.0', manifest: { bytes: 1, sha256: '0'.repeat(64) }, ...entry }],
		history: [],
	})

	test('has schema 2 exactly where a release lies elsewhere, so that pages of before then refuse it', () => {
		expect(v.is(Releases, file(1, {}))).toBe(true)
		expect(v.is(Releases, file(2, { location }))).toBe(true)
		expect(v.is(Releases, file(1, { location }))).toBe(false)
		expect(v.is(Releases, file(2, {}))).toBe(false)
		expect(v.is(Releases, file(3, { location }))).toBe(false)
		expect([schemaOf([{}]), schemaOf([{}, { location }])]).toEqual([1, 2])
	})

	test('gives no location to what was pruned', () => {
		const pruned = '2020-06-03T00:00:00Z'
		expect(v.is(Releases, file(1, { pruned }))).toBe(true)
		expect(v.is(Releases, file(2, { pruned, location }))).toBe(false)
	})
})
