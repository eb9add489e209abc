// The commands about executions, on one small run of all steps.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openPostsDatabase } from '../../../scripts/lib/posts/database.ts'
import { keyOf } from '../../../scripts/lib/posts/post-keys.ts'
import { main } from '../../../scripts/main.ts'
import type { TestEffects } from '../../fixtures/effects.ts'
import {
	ADJUSTING,
	EVALUATION,
	QUANTIZING,
	SNAPSHOT,
	TRAINING,
	usePipeline,
} from '../../fixtures/pipeline.ts'

const copyPipeline = usePipeline()

async function run(effects: TestEffects, ...args: readonly string[]) {
	effects.said.out.length = 0
	effects.said.err.length = 0
	const code = await main(['executions', ...args], effects)
	return { code, out: effects.said.out.join('\n'), err: effects.said.err.join('\n') }
}

describe('whichsub executions list', () => {
	it('lists what was run, in a table or as JSON', async () => {
		const effects = await copyPipeline()
		const { code, out } = await run(effects, 'list')
		expect(code).toBe(0)
		for (const step of ['snapshot', 'train', 'quantize', 'adjust', 'evaluate', 'publish'])
			expect(out).toContain(step)
		for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
		const found = await run(
			effects,
			'list',
			'--step',
			'evaluate',
			'--metric',
			'recall@5>0',
			'--json',
		)
		expect(JSON.parse(found.out)).toMatchObject([{ id: EVALUATION, ending: { how: 'done' } }])
		expect((await run(effects, 'list', '--since', '2013-07-06')).out).toBe('no such execution')
		expect((await run(effects, 'list', '--limit', '1')).out).toContain('5 more; --limit 6')
	})

	it('ends with 2 where a bound is none', async () => {
		const { code, err } = await run(await copyPipeline(), 'list', '--metric', 'recall')
		expect(code).toBe(2)
		expect(err).toContain('Expected a bound like recall@5>=0.5.')
	})
})

describe('whichsub executions show', () => {
	it('shows parameters, inputs by what they are, outputs and figures', async () => {
		const effects = await copyPipeline()
		const { out } = await run(effects, 'show', `#${QUANTIZING}`)
		expect(out).toMatch(/^execution #3: quantize \(3-[0-9a-f]{6}\)\n {2}done\n/)
		expect(out).toMatch(/maxBytes +100000 {2}\(given for this run\)/)
		expect(out).toMatch(/model: model #2 \([0-9a-f]{12}, made by #2-[0-9a-f]{6}\)/)
		expect(out).toMatch(/model\.ftz +\d+\.\d kB {2}[0-9a-f]{12}/)
		const { out: json } = await run(effects, 'show', '3', '--json')
		expect(JSON.parse(json)).toMatchObject({ schema: 2, id: QUANTIZING, overridden: ['maxBytes'] })
	})

	it('says what is not there, and what is no number', async () => {
		const effects = await copyPipeline()
		expect((await run(effects, 'show', '99')).err).toMatch(
			/^whichsub: no execution #99 in .*; run: executions list/,
		)
		expect((await run(effects, 'show', 'abc')).err).toContain('expected one like 56')
	})
})

describe('whichsub executions diff', () => {
	it('names what differs, back to where it comes from, and the interval of the same posts', async () => {
		const effects = await copyPipeline()
		expect(await main(['train', '--dim', '8', '--epochs', '4', '--threads', '2'], effects)).toBe(0)
		expect(await main(['quantize', '--max-bytes', '90000'], effects)).toBe(0)
		expect(await main(['evaluate'], effects)).toBe(0)
		const { out } = await run(effects, 'diff', `${EVALUATION}`, '10')
		expect(out).toMatch(
			/\nmodel: candidate #4 \(\w+\) → candidate #9 \(\w+\)\n {2}model: quantized #3 \(\w+\) → quantized #8 \(\w+\)\n {4}maxBytes: 100000 → 90000\n {4}model: model #2 \(\w+\) → model #7 \(\w+\)\n {6}epochs: 3 → 4\n/,
		)
		expect(out).not.toContain('posts:')
		expect(out).toMatch(
			/recall@5 +\d\.\d+ +\d\.\d+ +(?:[+−]\d\.\d+|0\.0000) +[+−]\d\.\d{4} … [+−]\d\.\d{4}/,
		)
		expect(out).toContain('other outputs: ')
		const { out: json } = await run(effects, 'diff', `${EVALUATION}`, '10', '--json')
		const { metrics } = JSON.parse(json)
		const compared = await main(['compare', '3', '8', '--json'], effects)
		expect(compared).toBe(0)
		const { 'recall@5': paired } = JSON.parse(effects.said.out.at(-1) ?? '')
		const { interval } = metrics.find(({ name }: { name: string }) => name === 'recall@5')
		expect(interval).toMatchObject({ low: paired.low, high: paired.high })
	})

	it('finds nothing between an execution and itself', async () => {
		const { out } = await run(await copyPipeline(), 'diff', '5', '5')
		expect(out).toContain('the same parameters, inputs')
		expect(out).toContain('the same outputs, byte for byte')
	})

	it('refuses two of different steps', async () => {
		const { code, err } = await run(await copyPipeline(), 'diff', '2', '3')
		expect(code).toBe(1)
		expect(err).toContain('#2 is a train and #3 a quantize')
	})
})

describe('whichsub executions rerun', () => {
	it.each([SNAPSHOT, TRAINING, QUANTIZING, ADJUSTING, EVALUATION])(
		'makes the same bytes again: execution %i',
		async (id) => {
			const effects = await copyPipeline()
			const { code, out } = await run(effects, 'rerun', `${id}`)
			expect(out).toBe(`#${id} again, recorded as #7: the same outputs, byte for byte`)
			expect(code).toBe(0)
		},
	)

	it('says which hash differs and why where the posts are others', async () => {
		const effects = await copyPipeline()
		const database = await openPostsDatabase(effects)
		const change = "UPDATE stored_posts SET title = 'Kernel panic at boot' WHERE key = ?"
		await database.execute(change, [keyOf('p0')])
		database.close()
		const { code, out, err } = await run(effects, 'rerun', `${SNAPSHOT}`)
		expect(code).toBe(1)
		expect(out).toMatch(
			/#1 again, recorded as #7: other outputs\n {2}train\.txt: SHA-256 \w{12} → \w{12}\n/,
		)
		expect(out).toMatch(/why: posts: posts the database \(\w{8}\) → posts the database \(\w{8}\)/)
		expect(err).toContain('whichsub: other bytes than #1 made came out')
	})

	it('runs nothing where an input is no longer here, or would be released again', async () => {
		const effects = await copyPipeline()
		expect((await run(effects, 'rerun', '6')).err).toMatch(
			/#6 is a publish, .*run: release publish/,
		)
		const path = join(effects.dataDir, 'executions', `${TRAINING}`, 'execution.json')
		const record = await readFile(path, 'utf8')
		await rm(path)
		expect((await run(effects, 'rerun', `${QUANTIZING}`)).code).toBe(1)
		await writeFile(path, record)
		const { out } = await run(effects, 'list', '--json')
		expect(JSON.parse(out)).toHaveLength(6)
	})
})
