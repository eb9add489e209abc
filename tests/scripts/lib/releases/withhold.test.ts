import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { withhold } from '../../../../scripts/lib/releases/withhold.ts'
import { predict } from '../../../../scripts/lib/suggestions/predict.ts'
import { TOPICS } from '../../../fixtures/corpus.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'
import { makeUnseen } from '../../../fixtures/unseen.ts'

// A name that the terms refuse, and a harmless one.
const TOPICS_NOW = { ...TOPICS, nsfw_kittens: ['velvet'], yarnballsgonewild: ['yarn'] }

async function withRelease(): Promise<TestEffects> {
	const effects = await testEffects({ now: () => new Date('2026-11-29T12:00:00Z') })
	const model = makeModelFile({ topics: TOPICS_NOW })
	const { bytes, index } = await makeUnseen(model)
	const listed = await writeRelease(effects.modelsDir, {
		...{ version: '20261128.0', model, labels: Object.keys(TOPICS_NOW).length },
		unseen: { index: bytes, subreddits: index.names.length },
	})
	await writeReleases(effects.modelsDir, [listed], { production: '20261128.0' })
	return effects
}

const OPTIONS = { names: [], byPolicy: false, undo: false, why: 'a test', dryRun: false }

async function suggested(effects: TestEffects, title: string): Promise<string[]> {
	await predict({ release: 'production', title, json: true }, effects)
	const answer = JSON.parse(effects.said.out.at(-1) ?? '') as {
		suggestions: { subreddit: string }[]
		unseen: string[]
	}
	return [...answer.suggestions.map(({ subreddit }) => subreddit), ...answer.unseen]
}

describe('withhold', () => {
	it('takes a subreddit off a released model, in any case, and gives it back', async () => {
		const effects = await withRelease()
		expect((await suggested(effects, 'whiskers'))[0]).toBe('cats')
		await withhold({ ...OPTIONS, names: ['CATS'] }, effects)
		const without = await suggested(effects, 'whiskers')
		expect(without).not.toContain('cats')
		// The next one takes its place.
		expect(without.length).toBeGreaterThanOrEqual(5)
		await withhold({ ...OPTIONS, names: ['cats'], undo: true }, effects)
		expect((await suggested(effects, 'whiskers'))[0]).toBe('cats')
	})

	it('takes off those that a release has not learnt, too', async () => {
		const effects = await withRelease()
		const title = 'software developers ireland'
		expect(await suggested(effects, title)).toContain('DevelEire')
		await withhold({ ...OPTIONS, names: ['develeire'] }, effects)
		expect(await suggested(effects, title)).not.toContain('DevelEire')
	})

	it('finds what the policy of today refuses, with its reasons', async () => {
		const effects = await withRelease()
		await writeFile(
			effects.parametersFile.path,
			'policy:\n  never:\n    moonlore: its moderators asked\n',
		)
		const { added } = await withhold({ ...OPTIONS, byPolicy: true }, effects)
		expect(added.map(({ name, why }) => `${name} ${why}`)).toEqual([
			// Not yarnballsgonewild: its description, which a release does not have, may say that it is about yarn.
			'nsfw_kittens sex: name: nsfw',
			'moonlore never: its moderators asked',
		])
		const { withheld } = await readReleases(effects.modelsDir)
		expect(withheld?.map(({ name }) => name)).toEqual(['moonlore', 'nsfw_kittens'])
		expect((await withhold({ ...OPTIONS, byPolicy: true }, effects)).added).toEqual([])
	})

	it('changes nothing in a dry run', async () => {
		const effects = await withRelease()
		const path = join(effects.modelsDir, 'releases.json')
		const before = await readFile(path, 'utf8')
		const change = await withhold({ ...OPTIONS, names: ['cats'], dryRun: true }, effects)
		expect(change.added).toHaveLength(1)
		expect(await readFile(path, 'utf8')).toBe(before)
	})

	it('refuses to give back what is not withheld, and to do nothing', async () => {
		const effects = await withRelease()
		const undo = withhold({ ...OPTIONS, names: ['cats', 'linux'], undo: true }, effects)
		await expect(undo).rejects.toThrow('not withheld: r/cats, r/linux')
		await expect(withhold(OPTIONS, effects)).rejects.toThrow('no names')
	})
})
