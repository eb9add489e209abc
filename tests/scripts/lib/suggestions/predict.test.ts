import { beforeEach, describe, expect, it } from 'vitest'
import { predict } from '../../../../scripts/lib/suggestions/predict.ts'
import { main } from '../../../../scripts/main.ts'
import { TOPICS } from '../../../fixtures/corpus.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'
import { makeUnseen } from '../../../fixtures/unseen.ts'

let modelsDir: string
beforeEach(async () => {
	modelsDir = (await testEffects()).modelsDir
})

async function withRelease(stdin: AsyncIterable<Uint8Array> = chunks()): Promise<TestEffects> {
	const effects = await testEffects({ stdin, modelsDir })
	const model = makeModelFile({ topics: TOPICS })
	const listed = await writeRelease(modelsDir, { version: '20130702.0', model, labels: 8 })
	await writeReleases(modelsDir, [listed], { production: '20130702.0' })
	return effects
}

async function* chunks(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
	for (const text of texts) yield Buffer.from(text)
}

function answers(effects: TestEffects) {
	return effects.said.out.map(
		(line) =>
			JSON.parse(line) as {
				title: string
				known: boolean
				suggestions: { subreddit: string; probability: number }[]
			},
	)
}

describe('predict', () => {
	it('gives five suggestions for a title, most probable first', async () => {
		const effects = await withRelease()
		expect(await main(['predict', '--json', 'A kitten and its whiskers'], effects)).toBe(0)
		const [answer] = answers(effects)
		expect(answer).toMatchObject({ title: 'A kitten and its whiskers', known: true })
		expect(answer?.suggestions).toHaveLength(5)
		expect(answer?.suggestions[0]?.subreddit).toBe('cats')
		const probabilities = answer?.suggestions.map(({ probability }) => probability) ?? []
		expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a))
	})

	it('prints probabilities and names for people', async () => {
		const effects = await withRelease()
		expect(await main(['predict', 'Kernel driver'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/^Kernel driver\n +\d+\.\d% {2}r\/linux\n/)
	})

	it('says with --why what each word adds to each suggestion', async () => {
		const effects = await withRelease()
		expect(await main(['predict', '--why', 'Kernel qwfpgj kitten'], effects)).toBe(0)
		const lines = effects.said.out.join('\n').split('\n')
		expect(lines.find((line) => /^ +no\. 1 /.test(line))).toBeDefined()
		expect(lines.find((line) => /^ {2}kernel +\+/.test(line))).toBeDefined()
		expect(lines.find((line) => line.startsWith('  qwfpgj'))).toBeUndefined()
		expect(lines.join('\n')).toMatch(/= log of the score +−\d/)
	})

	it('explains nothing where it knows nothing', async () => {
		const effects = await withRelease()
		expect(await main(['predict', '--why', '--json', 'qwfpgj'], effects)).toBe(0)
		expect(answers(effects)[0]).not.toHaveProperty('why')
	})

	it('names the words that the model has not learnt', async () => {
		const effects = await withRelease()
		expect(await main(['predict', 'Kernel qwfpgj zxcdv driver'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toContain("doesn't know: qwfpgj, zxcdv")
	})

	it('says that it is not sure of a title of which the model can read little', async () => {
		const effects = await withRelease()
		expect(await main(['predict', 'Kernel qwfpgj zxcdv'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(
			/^Kernel .*\n {2}not sure: the model can read little of this title\n +\d+\.\d% {2}r\/linux\n/,
		)
		expect(await main(['predict', '--json', 'Kernel qwfpgj zxcdv'], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.at(-1) ?? '')).toMatchObject({ doubt: 'unfamiliar' })
		expect(await main(['predict', '--json', 'Kernel driver'], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.at(-1) ?? '')).toMatchObject({ doubt: null })
	})

	it('names subreddits that the model has not learnt, as the page does', async () => {
		const effects = await withRelease()
		const model = makeModelFile({ topics: TOPICS })
		const { bytes, index } = await makeUnseen(model)
		const unseen = { index: bytes, subreddits: index.names.length }
		const release = { version: '20130703.0', model, labels: 8, unseen }
		await writeReleases(modelsDir, [await writeRelease(modelsDir, release)], {
			production: '20130703.0',
		})
		const title = 'Songs for a kitten, with chords'
		expect(await main(['predict', title], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/\n {2}not learnt by the model, .*: r\/ukulele\n/)
		expect(await main(['predict', '--json', title], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.at(-1) ?? '')).toMatchObject({ unseen: ['ukulele'] })
	})

	it('names none where the release has no index', async () => {
		const effects = await withRelease()
		expect(await main(['predict', '--json', 'Songs for a kitten'], effects)).toBe(0)
		expect(JSON.parse(effects.said.out.at(-1) ?? '')).toMatchObject({ unseen: [] })
		expect(await main(['predict', 'Songs for a kitten'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).not.toContain('not learnt')
	})

	it('says when it does not know', async () => {
		const effects = await withRelease(chunks('Qwfpgj zxcdv\n\n'))
		expect(await main(['predict'], effects)).toBe(0)
		expect(effects.said.out).toEqual([
			"Qwfpgj zxcdv\n  don't know: no word of it was learnt",
			"\n  don't know: the title is empty",
		])
	})

	it('answers each line of stdin, wherever its chunks are cut', async () => {
		const bytes = Buffer.from('caf\u00e9 kitten\r\nrook\nlast oven')
		const cut = [...bytes].map((byte) => Uint8Array.of(byte))
		const effects = await withRelease(chunks(...cut))
		await predict({ release: 'production', json: true }, effects)
		expect(answers(effects).map(({ title }) => title)).toEqual([
			'caf\u00e9 kitten',
			'rook',
			'last oven',
		])
		expect(answers(effects).map(({ suggestions }) => suggestions[0]?.subreddit)).toEqual([
			'cats',
			'chess',
			'cooking',
		])
	})

	it('answers what stands before a line that is no text, and says what the line is', async () => {
		const effects = await withRelease(
			chunks('kitten\nrook\n', Buffer.from('oven\nc\u00e4t\nkernel\n', 'latin1')),
		)
		expect(await main(['predict', '--json'], effects)).toBe(1)
		expect(answers(effects).map(({ title }) => title)).toEqual(['kitten', 'rook', 'oven'])
		expect(effects.said.err.at(-1)).toMatch(/stdin: not UTF-8.*give one title a line/)
	})

	it('answers many at once as one by one, also with --typing', async () => {
		const titles = ['kitten purring', 'rook endg', 'qwfpgj', '', 'oven kernel', 'kernel dri']
		for (const flags of [[], ['--typing']]) {
			const all = await withRelease(chunks(`${titles.join('\n')}\n`))
			expect(await main(['predict', '--json', ...flags], all)).toBe(0)
			const each = await withRelease()
			for (const title of titles) await main(['predict', '--json', ...flags, title], each)
			expect(all.said.out).toEqual(each.said.out)
		}
	})

	it('answers the first title before stdin ends', async () => {
		let effects: TestEffects | null = null
		const answersBeforeEnd: number[] = []
		async function* stdin() {
			yield Buffer.from('kitten\n')
			yield Buffer.from('rook\n')
			answersBeforeEnd.push(effects?.said.out.length ?? 0)
		}
		effects = await withRelease(stdin())
		await predict({ release: '20130702.0', json: true }, effects)
		expect(answersBeforeEnd).toEqual([2])
		expect(effects.said.out).toHaveLength(2)
	})

	it('names the channel that serves nothing', async () => {
		const effects = await withRelease()
		expect(await main(['predict', '--release', 'staging', 'kitten'], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(/channel staging serves no release/)
	})
})
