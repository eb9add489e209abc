import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { main } from '../../../scripts/main.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { UseReport } from '../../../src/shared/use-report.ts'
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
			'picks: 5 read, 0 added, 0 amended, 5 known already, 0 broken',
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
			releases: [{ name: '20130703.0', picks: 1, none: { value: 1 } }],
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
		expect(effects.said.err[5]).toBe('picks.jsonl: … and 2 more broken rows')
		// biome-ignore lint/suspicious/noControlCharactersInRegex: what was sent must not speak to the terminal
		expect(effects.said.err.join('')).not.toMatch(/[\u0000-\u001f]/)
	})

	it('refuses times that do not exist or lie ahead: the newest time wins', async () => {
		const effects = await testEffects({ now: () => new Date('2013-07-06T00:00:00Z') })
		const times = [
			'2026-02-31T00:00:00Z',
			'2013-02-29T00:00:00Z',
			'2013-07-05T24:00:00Z',
			'9999-12-31T23:59:59Z',
			'2013-07-07T00:00:01Z',
			'2013-07-06T23:59:59.999Z',
			'2012-02-29T00:00:00Z',
		]
		const path = await writeLines(
			times.map((time, n) => ({
				...makeFeedback({ id: n + 1, title: 'A', pick: suggestion(1, 'cats') }),
				time,
			})),
		)
		expect(await importJson(effects, path)).toMatchObject({ read: 7, added: 2, broken: 5 })
		expect(effects.said.err).toEqual([
			'picks.jsonl:1: time: expected an instant that exists',
			'picks.jsonl:2: time: expected an instant that exists',
			'picks.jsonl:3: time: expected an instant that exists',
			'picks.jsonl:4: time: lies in the future: 9999-12-31T23:59:59Z',
			'picks.jsonl:5: time: lies in the future: 2013-07-07T00:00:01Z',
		])
	})

	it('takes titles well-formed and on one line', async () => {
		const effects = await testEffects()
		const titles = [
			'half \ud83d a pair',
			'a \u0007bell\u001b[31m\r\n\tand \u0085more',
			'whole \ud83d\ude00',
		]
		const path = await writeLines(
			titles.map((title, n) => makeFeedback({ id: n + 1, title, pick: suggestion(1, 'cats') })),
		)
		expect(await importJson(effects, path)).toMatchObject({ added: 3, broken: 0 })
		await feedback(effects, 'export', '--format', 'jsonl')
		expect(effects.said.out.map((line) => (JSON.parse(line) as { title: string }).title)).toEqual([
			'half \ufffd a pair',
			'a  bell [31m   and  more',
			'whole \ud83d\ude00',
		])
	})

	it('writes every broken line to the file of problems, and replaces an older one', async () => {
		const effects = await testEffects()
		const problems = join(await temporaryFolder(), 'problems.jsonl')
		await writeFile(problems, 'older')
		const long = `"${'x'.repeat(60_000)}"`
		const path = await writeLines([lines[0], ...Array<string>(9).fill('{"a\u001b'), long])
		await importJson(effects, path, '--problems', problems)
		const read = async () =>
			(await readFile(problems, 'utf8'))
				.split('\n')
				.filter(Boolean)
				.map((line) => JSON.parse(line) as object)
		expect(await read()).toEqual([
			...Array.from({ length: 9 }, (_, n) => ({
				file: 'picks.jsonl',
				line: n + 2,
				reason: 'not JSON',
				text: '{"a\u001b',
			})),
			{ file: 'picks.jsonl', line: 11, reason: 'line is too long', text: null },
		])
		await importJson(effects, await writeLines(lines), '--problems', problems)
		expect(await read()).toEqual([])
		expect(await readdir(dirname(problems))).toEqual(['problems.jsonl'])
	})

	it('ends with 1 where nothing of a file could be read, and takes the others', async () => {
		const effects = await testEffects()
		const bad = await writeLines(['no json', '[]'], 'bad.jsonl')
		expect(await feedback(effects, 'import', bad, await writeLines(lines))).toBe(1)
		expect(effects.said.out).toEqual([
			'picks: 6 read, 4 added, 0 amended, 0 known already, 2 broken',
		])
		expect(effects.said.err.slice(2)).toEqual([
			'nothing could be read: bad.jsonl (rows: 2, all broken); is it the right file?',
			'whichsub: 1 of 2 files could not be read, or not to the end; what could be is kept',
		])
	})

	it('keeps what stands before the place where a file is cut off, and reads the next', async () => {
		const effects = await testEffects()
		const many = Array.from({ length: 500 }, (_, n) =>
			makeFeedback({
				id: n + 1,
				title: `Title ${n * 7919}`,
				pick: suggestion(1, 'cats'),
				minute: 1,
			}),
		)
		const packed = gzipSync(many.map((line) => `${JSON.stringify(line)}\n`).join(''))
		const cut = join(await temporaryFolder(), 'cut.gz')
		await writeFile(cut, packed.subarray(0, packed.length / 2))
		const last = makeFeedback({ id: 999, title: 'Last', pick: suggestion(1, 'cats'), minute: 2 })
		expect(await feedback(effects, 'import', cut, await writeLines([last]), '--json')).toBe(1)
		expect(effects.said.err[0]).toBe('file is damaged: cut.gz (it is cut off); get it again')
		const { added } = JSON.parse(effects.said.out[0] ?? '') as { added: number }
		expect(added).toBeGreaterThan(100)
		await feedback(effects, 'export', '--format', 'jsonl')
		expect(effects.said.out).toHaveLength(added)
		expect(effects.said.out.at(-1)).toContain('"Last"')
	})

	it('does not overwrite what it reads with problems', async () => {
		const effects = await testEffects()
		const path = await writeLines(lines)
		expect(await feedback(effects, 'import', path, '--problems', path)).toBe(2)
		expect(effects.said.err.join()).toContain('--problems would replace what is read')
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
		const report = parseJsonWith(UseReport, effects.said.out[0] ?? '', 'stats')
		expect(report).toMatchObject({ picks: 5, titles: 3, conflicts: 0, unusable: 1 })
		const shares = report.releases.map(({ name, picks, first, useful, named, none }) => [
			name,
			picks,
			...[first, useful, named, none].map(({ value }) => value),
		])
		expect(shares).toEqual([
			['20130702.0', 4, 0.25, 0.5, 0.25, 0.25],
			['20130703.0', 1, 1, 1, 0, 0],
		])
		expect(await feedback(effects, 'stats')).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(
			/20130702\.0 +4 +50\.0% +15\.0% … 85\.0% +25\.0% +25\.0% +25\.0%/,
		)
	})

	it('says what to do where there is none', async () => {
		const effects = await testEffects()
		await fillDatabase(effects)
		expect(await feedback(effects, 'stats')).toBe(0)
		expect(effects.said.out).toEqual(['no picks yet; run: feedback import FILE'])
	})
})
