import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StepName } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import {
	formatLock,
	type LockedStep,
	lockPath,
	parseLock,
	readLock,
	writeLock,
} from '../../../../scripts/lib/run/lock-file.ts'
import { PIPELINE } from '../../../../scripts/lib/run/pipeline.ts'
import { testEffects } from '../../../fixtures/effects.ts'

const digest = (digit: string) => digit.repeat(64)
const STEP: LockedStep = {
	key: digest('a'),
	execution: '56-ab12cd',
	parameters: { seed: 1, from: null, reposts: 'keep', include: ['a: b', '#c'] },
	inputs: {
		posts: { '2013-06': '12 posts, ab', '2013-05': '11 posts, cd' },
		picks: '3 titles, ef',
	},
	code: {
		sha256: digest('b'),
		files: { 'b.ts': '2', 'a.ts': '1' },
		packages: { valibot: '1.5.0' },
	},
	output: { kind: 'snapshot', name: 'cafe', sha256: digest('c') },
	files: { 'train.txt': { bytes: 3, sha256: digest('d') } },
	metrics: { train: 10, 'recall@5': 0.5 },
}

test('comes back as it was written', () => {
	const steps = { snapshot: STEP, train: { ...STEP, key: digest('e') } }
	expect(parseLock(formatLock(steps), 'lock')).toEqual(steps)
})

test('is the same text in whatever order it came, one thing a line', () => {
	const turned = JSON.parse(JSON.stringify(STEP), (_, value: unknown) =>
		typeof value === 'object' && value !== null && !Array.isArray(value)
			? Object.fromEntries(Object.entries(value).reverse())
			: value,
	) as LockedStep
	const text = formatLock({ train: STEP, snapshot: STEP })
	expect(formatLock({ snapshot: turned, train: turned })).toBe(text)
	expect(text.indexOf('  snapshot:')).toBeLessThan(text.indexOf('  train:'))
	expect(text).toContain('        2013-05: 11 posts, cd\n        2013-06: 12 posts, ab\n')
})

test('a change of one step leaves the lines of the others', async () => {
	const effects = await testEffects()
	expect(await readLock(effects)).toEqual({})
	const steps = { snapshot: STEP, train: { ...STEP, key: digest('e') } }
	await writeLock(steps, effects)
	expect(await readLock(effects)).toEqual(steps)
	const before = formatLock(steps).split('\n')
	const after = formatLock({ ...steps, train: { ...STEP, key: digest('f') } }).split('\n')
	expect(after.filter((line, at) => line !== before[at])).toEqual([`    key: ${digest('f')}`])
})

test('one that was merged badly names the line', async () => {
	const effects = await testEffects()
	await writeLock({ snapshot: STEP }, effects)
	const text = formatLock({ snapshot: STEP }).replace('execution: 56-ab12cd', 'execution: none')
	await writeFile(lockPath(effects), text)
	await expect(readLock(effects)).rejects.toThrow(/whichsub\.lock:\d+: steps\.snapshot\.execution/)
	await writeFile(lockPath(effects), '<<<<<<< HEAD\nschema: 1\n')
	await expect(readLock(effects)).rejects.toThrow(/whichsub\.lock/)
})

test('in the lock of this repository each step has what the steps before it made', async () => {
	const path = join(import.meta.dirname, '../../../../whichsub.lock')
	const steps = parseLock(await readFile(path, 'utf8'), 'whichsub.lock')
	const short = (name: StepName) => (steps[name]?.output.sha256 ?? '').slice(0, 16)
	const inputs = PIPELINE.flatMap(({ step, makers }) =>
		Object.entries(makers).map(([role, from]) => ({ step: step.name, role, from })),
	)
	for (const { step, role, from } of inputs)
		if (steps[step])
			expect(`${step} ${role}: ${steps[step].inputs[role]}`).toContain(` ${short(from)}`)
})
