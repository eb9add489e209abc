// What README and CONTRIBUTING say is there, is there.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../scripts/commands/index.ts'
import type { Effects } from '../scripts/lib/effects.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (name: string) => readFileSync(resolve(ROOT, name), 'utf8')
const noEffects = (): Effects => {
	throw new Error('a command that is only looked at does nothing')
}

describe.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'])('%s', (name) => {
	const text = read(name)

	it('links to files that exist', () => {
		const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path)
		expect(links.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([])
	})

	it('names paths that exist', () => {
		const named = [...text.matchAll(/`((?:src|scripts|tests|public|docs)\/[\w./-]*)`/g)]
		const paths = named.map(([, path = '']) => path)
		expect(paths.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([])
	})

	it('has no gap that was to be filled in', () => {
		expect(text).not.toMatch(/@@|TODO|FIXME/)
	})
})

describe('README.md', () => {
	it('has every command in its table', async () => {
		const names = Object.keys(commands)
		const creates = await Promise.all(Object.values(commands).map((load) => load()))
		expect(creates.map((create) => create(noEffects).name())).toEqual(names)
		const table = read('README.md')
		const missing = names.filter((name) => !new RegExp(`\\| \`${name}\\b`).test(table))
		expect(names.length).toBeGreaterThan(10)
		expect(missing).toEqual([])
	})
})
