// A reranker, from the validation posts that it learns from to the suggestions that people see.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { filesDir } from '../../../../scripts/lib/pipeline/outputs.ts'
import { openSuggester } from '../../../../scripts/lib/suggestions/suggester.ts'
import { main } from '../../../../scripts/main.ts'
import { RERANKER_VERSION } from '../../../../src/model/reranker.ts'
import { Suggester } from '../../../../src/model/suggest.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { testEffects } from '../../../fixtures/effects.ts'

const PARAMETERS = `
snapshot: { split: random, testShare: 0.1, validationShare: 0.7, minPosts: 5 }
train: { dim: 8, epochs: 2, threads: 1 }
quantize: { maxBytes: 100000, evidenceBytes: 20000, threads: 2 }
`
const TITLE = 'Help with my kitten and a telescope'

it('goes from adjust through publish into the manifest, and to predict', async () => {
	const effects = await testEffects()
	const run = async (...args: readonly string[]) => {
		effects.said.out.length = 0
		expect(await main(args, effects), effects.said.err.join('\n')).toBe(0)
		return effects.said.out.join('\n')
	}
	await fillDatabase(effects, 400)
	await writeFile(effects.parametersFile.path, PARAMETERS)
	for (const step of ['snapshot', 'train', 'quantize', 'adjust']) await run(step)
	const [, , , adjusting] = await listExecutions(effects)
	if (!adjusting) throw new Error('nothing was adjusted')
	const path = join(filesDir(adjusting, effects), 'reranker.json')
	const learnt = JSON.parse(await readFile(path, 'utf8'))
	expect(learnt.version).toBe(RERANKER_VERSION)
	expect(await run('evaluate')).toContain(
		`Reranker: 32 hidden units, temperature ${learnt.temperature.toFixed(2)}`,
	)

	const { version } = JSON.parse(await run('release', 'publish', '--json'))
	const { manifest, engine } = await openSuggester(effects, version)
	expect(manifest.reranker).toEqual(learnt)
	const claims = (suggester: Suggester) =>
		suggester.suggest(TITLE).suggestions.map(({ subreddit, probability }) => ({
			...{ subreddit, probability },
		}))
	const said = JSON.parse(await run('predict', '--release', version, '--json', TITLE)).suggestions
	expect(said).toEqual(claims(new Suggester(engine, manifest)))
	expect(said).not.toEqual(claims(new Suggester(engine, { ...manifest, reranker: undefined })))
	expect(await run('predict', '--release', version, '--why', TITLE)).toContain('(reranker)')
	engine.dispose()
})
