import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { main } from '../../../scripts/main.ts'
import { fillDatabase } from '../../fixtures/candidate.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../fixtures/effects.ts'
import { makeFeedback } from '../../fixtures/feedback.ts'

const suggestion = (rank: number, subreddit: string) =>
	({ how: 'suggestion', rank, subreddit }) as const

const lines = [
	makeFeedback({ id: 1, title: 'A kitten', pick: suggestion(1, 'cats') }),
	makeFeedback({ id: 2, title: 'Garlic soup &amp; bread?', pick: suggestion(3, 'cooking') }),
	makeFeedback({ id: 3, title: 'A rook', pick: { how: 'typed', subreddit: 'chess' } }),
	makeFeedback({ id: 4, title: 'Who knows', pick: { how: 'none' } }),
]

async function writeLines(rows: readonly unknown[], name = 'picks.jsonl'): Promise<string> {
	const path = join(await temporaryFolder(), name)
	const text = rows
		.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`)
		.join('')
	await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text)
	return path
}

async function feedback(effects: TestEffects, ...args: readonly string[]): Promise<number> {
	effects.said.out.length = 0
	effects.said.err.length = 0
	return main(['feedback', ...args], effects)
}

async function importJson(effects: TestEffects, ...paths: readonly string[]) {
	expect(await feedback(effects, 'import', ...paths, '--json')).toBe(0)
	return JSON.parse(effects.said.out[0] ?? '') as object
}

describe('whichsub feedback import', () => {
	it('takes each pick once, however often and in however many files it comes', async () => {
		const effects = await testEffects()
		const first = await writeLines([...lines, lines[0]])
		const second = await writeLines(lines.slice(2), 'again.jsonl.gz')
		const counts = { read: 7, added: 4, amended: 0, known: 3, broken: 0 }
		expect(await importJson(effects, first, second)).toEqual(counts)
		expect(await importJson(effects, first)).toMatchObject({ added: 0, known: 5 })
		expect(await feedback(effects, 'import', first)).toBe(0)
		expect(effects.said.out).toEqual([
			'picks: 5 read, 0 added, 0 amended, 5 there already, 0 broken',
		])
	})

	it('takes a second thought in place of the pick, and nothing older or as old', async () => {
		const effects = await testEffects()
		const [picked] = lines
		const second = { ...lines[0], time: '2013-07-05T12:30:00Z', release: '20130703.0' }
		const named = { ...second, pick: { how: 'search', subreddit: 'trivia' } }
		const none = { ...second, time: '2013-07-05T12:30:00.500Z', pick: { how: 'none' } }
		const sameTime = { ...named, time: '2013-07-05T12:30:00.000Z', pick: { how: 'none' } }
		await importJson(effects, await writeLines([picked]))
		expect(await importJson(effects, await writeLines([named]))).toMatchObject({ amended: 1 })
		for (const line of [picked, sameTime])
			expect(await importJson(effects, await writeLines([line]))).toMatchObject({
				amended: 0,
				known: 1,
			})
		await feedback(effects, 'export')
		expect(effects.said.out).toEqual(['__label__trivia a kitten'])
		expect(await importJson(effects, await writeLines([none]))).toMatchObject({ amended: 1 })
		await feedback(effects, 'export', '--format', 'jsonl')
		expect(effects.said.out.map((line) => JSON.parse(line) as object)).toEqual([none])
		await feedback(effects, 'stats', '--json')
		expect(JSON.parse(effects.said.out[0] ?? '')).toMatchObject({
			releases: [{ release: '20130703.0', picks: 1, none: 1 }],
		})
	})

	it('takes it from one file, too, in any order', async () => {
		const named = {
			...lines[3],
			time: '2013-07-05T12:30:00.000Z',
			pick: { how: 'search', subreddit: 'trivia' },
		}
		for (const rows of [
			[named, lines[3], named],
			[lines[3], named, lines[3]],
		]) {
			const effects = await testEffects()
			expect(await importJson(effects, await writeLines(rows))).toMatchObject({
				added: 1,
				known: 2,
			})
			await feedback(effects, 'export')
			expect(effects.said.out).toEqual(['__label__trivia who knows'])
		}
	})

	it('takes an id in upper case for the same', async () => {
		const effects = await testEffects()
		const line = { ...lines[0], id: '00000000-0000-4000-8000-00000000abcd' }
		const path = await writeLines([line, { ...line, id: line.id.toUpperCase() }])
		expect(await importJson(effects, path)).toMatchObject({ added: 1, known: 1 })
	})

	it('counts broken lines, names their place, and takes the rest', async () => {
		const effects = await testEffects()
		const path = await writeLines([
			lines[0],
			'{"schema":1,',
			'',
			{ ...lines[1], pick: suggestion(2, 'cooking') },
			{ ...lines[1], title: 'x'.repeat(1_201) },
			{ ...lines[2], id: 'not-a-uuid\u001b[31m' },
			'"\u0007"',
			'[]',
			`"${'x'.repeat(60_000)}"`,
			lines[2],
		])
		expect(await importJson(effects, path)).toMatchObject({ read: 9, added: 2, broken: 7 })
		expect(effects.said.err).toHaveLength(6)
		expect(effects.said.err[0]).toBe('picks.jsonl:2: not JSON')
		expect(effects.said.err[1]).toContain('picks.jsonl:4: the pick is not the suggestion')
		expect(effects.said.err[2]).toContain('picks.jsonl:5: title')
		expect(effects.said.err[5]).toBe('picks.jsonl: … and 2 more broken lines')
		// biome-ignore lint/suspicious/noControlCharactersInRegex: what was sent must not speak to the terminal
		expect(effects.said.err.join('')).not.toMatch(/[\u0000-\u001f]/)
	})

	it('reads nothing at all where one of the files is not there', async () => {
		const effects = await testEffects()
		const path = await writeLines(lines)
		await importJson(effects, await writeLines([]))
		expect(await feedback(effects, 'import', path, '/nowhere.jsonl')).toBe(1)
		await feedback(effects, 'export', '--format', 'jsonl')
		expect(effects.said.out).toEqual([])
	})

	it('refuses a file that is no export of the page', async () => {
		const effects = await testEffects()
		expect(await feedback(effects, 'import', await writeLines(lines, 'picks.csv'))).toBe(1)
		expect(effects.said.err.at(-1)).toContain('.jsonl')
	})
})

describe('whichsub feedback export', () => {
	it('prints what retraining takes in the format of fastText, normalised', async () => {
		const effects = await testEffects()
		await importJson(effects, await writeLines(lines))
		expect(await feedback(effects, 'export')).toBe(0)
		expect(effects.said.out).toEqual([
			'__label__cats a kitten',
			'__label__cooking garlic soup & bread ?',
			'__label__chess a rook',
		])
	})

	it('prints every pick as it came, so that another import takes it', async () => {
		const effects = await testEffects()
		await importJson(effects, await writeLines(lines))
		expect(await feedback(effects, 'export', '--format', 'jsonl')).toBe(0)
		expect(effects.said.out.map((line) => JSON.parse(line) as object)).toEqual(lines)
		const other = await testEffects()
		const path = await writeLines(effects.said.out)
		expect(await importJson(other, path)).toMatchObject({ added: 4, broken: 0 })
	})
})

describe('whichsub feedback stats', () => {
	it('tells for each release how its suggestions were taken', async () => {
		const effects = await testEffects()
		const other = { ...lines[0], id: '00000000-0000-4000-8000-00000000000a', release: '20130703.0' }
		await importJson(effects, await writeLines([...lines, other]))
		expect(await feedback(effects, 'stats', '--json')).toBe(0)
		expect(JSON.parse(effects.said.out[0] ?? '')).toEqual({
			picks: 5,
			titles: 3,
			conflicts: 0,
			unusable: 1,
			releases: [
				{ release: '20130702.0', picks: 4, first: 1, suggested: 2, named: 1, none: 1 },
				{ release: '20130703.0', picks: 1, first: 1, suggested: 1, named: 0, none: 0 },
			],
		})
		expect(await feedback(effects, 'stats')).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(
			/20130702\.0 +4 +25\.0 % +50\.0 % +25\.0 % +25\.0 %/,
		)
	})

	it('says what to do where there is none', async () => {
		const effects = await testEffects()
		await fillDatabase(effects)
		expect(await feedback(effects, 'stats')).toBe(0)
		expect(effects.said.out).toEqual(['no picks yet; run: feedback import FILE'])
	})
})
