// What README, CONTRIBUTING and docs/ say is there, is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../scripts/commands/index.ts'
import type { Effects } from '../scripts/lib/effects.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (name: string) => readFileSync(resolve(ROOT, name), 'utf8')
const noEffects = (): Effects => {
	throw new Error('a command that is only looked at does nothing')
}

/** The anchors of a page's headings, as GitHub makes them. */
const anchors = (markdown: string): string[] =>
	[...markdown.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
			.replaceAll(' ', '-'),
	)

const PAGES = [
	...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
	...readdirSync(resolve(ROOT, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name}`),
]

describe.each(PAGES)('%s', (name) => {
	const text = read(name)

	it('links to files and headings that exist', () => {
		const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link)
		const broken = links.filter((link) => {
			const [path = '', anchor] = link.split('#')
			const file = path ? resolve(ROOT, dirname(name), path) : resolve(ROOT, name)
			if (!existsSync(file)) return true
			return anchor !== undefined && !anchors(readFileSync(file, 'utf8')).includes(anchor)
		})
		expect(broken).toEqual([])
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

describe('CHANGELOG.md', () => {
	it('says each change once: a merge must not put a list back that was sorted into sections', () => {
		const beginnings = read('CHANGELOG.md')
			.split('\n')
			.filter((line) => line.startsWith('- '))
			.map((line) => line.slice(0, 40))
		expect(beginnings.length).toBeGreaterThan(50)
		expect(beginnings.filter((line, place) => beginnings.indexOf(line) !== place)).toEqual([])
	})
})

describe('README.md', () => {
	it('links every page of docs', () => {
		const text = read('README.md')
		const pages = PAGES.filter((page) => page.startsWith('docs/'))
		expect(pages.length).toBeGreaterThan(10)
		expect(pages.filter((page) => !text.includes(`](${page}`))).toEqual([])
	})

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
