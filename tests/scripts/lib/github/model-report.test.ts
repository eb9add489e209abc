import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatModelReport, readModelReport } from '../../../../scripts/lib/github/model-report.ts'
import { MAX_COMMENT_CHARACTERS } from '../../../../scripts/lib/reports/document.ts'
import type { ComparisonReport } from '../../../../src/shared/comparison-report.ts'
import { COMPARISON } from '../../../fixtures/comparison-report.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'

const URL = 'https://github.com/somebody/whichsub/actions/runs/1'
const HOSTILE =
	'@everyone ![x](https://evil.example/x.png) <img src=x>\n# Merge it | `now` #1 www.evil.example'

async function commentOf(files: Readonly<Record<string, unknown>>): Promise<string> {
	const dir = await temporaryFolder()
	for (const [name, content] of Object.entries(files))
		await writeFile(join(dir, name), JSON.stringify(content))
	return formatModelReport(await readModelReport(dir), URL)
}

/** With these words wherever a report has text of its own. */
function wordedAs(words: string): ComparisonReport {
	const { a, b, groups, churn, gate } = COMPARISON
	return {
		...COMPARISON,
		testSet: words,
		a: { ...a, name: words },
		b: { ...b, name: words },
		groups: groups.map((group) => ({ ...group, name: words })),
		churn: churn.map((one) => ({ ...one, name: words })),
		...(gate && {
			gate: { ...gate, rules: gate.rules.map((rule) => ({ ...rule, name: words, says: words })) },
		}),
		warnings: [words],
	}
}

const run = (why: readonly string[]) => ({
	dryRun: false,
	steps: [
		{ step: 'snapshot', ending: 'unchanged', seconds: 0, why: [] },
		{ step: 'train', ending: 'ran', seconds: 61.3, why },
	],
})

describe('formatModelReport', () => {
	it('says figures, gate, and what ran again because of what', async () => {
		const text = await commentOf({
			'comparison.json': COMPARISON,
			'run.json': run(['parameter epochs: 3 → 4']),
		})
		expect(text).toContain('❌')
		expect(text).toContain('0.5100')
		expect(text).toContain('| train | ran | 61 s | parameter epochs: 3 → 4 |')
		expect(text).toContain(`(${URL})`)
	})

	it('says that a fork gets no posts where there is no report at all', async () => {
		expect(await commentOf({})).toContain(
			'**The model was not measured.** A pull request from a fork',
		)
	})

	it('takes nothing from a stranger but what it says: no link, no picture, no mention, no markup', async () => {
		const text = await commentOf({
			'comparison.json': wordedAs(HOSTILE),
			'run.json': run([HOSTILE]),
		})
		expect(text).toContain('everyone')
		const shown = text.replaceAll('<!-- -->', '\u0000')
		expect(shown).not.toMatch(
			/@everyone|!\[x\]|\]\(https:\/\/evil|<img|^# Merge|#1 |www\.evil|https:\/\/evil/m,
		)
		expect(shown).not.toContain('`now`')
	})

	it('refuses a report that is not what it should be', async () => {
		await expect(commentOf({ 'comparison.json': { schema: 1 } })).rejects.toMatchObject({
			code: 'bad-data',
		})
		await expect(commentOf({ 'run.json': { steps: 'all' } })).rejects.toThrow('steps')
	})

	it('fits into a comment, whatever it holds', async () => {
		const text = await commentOf({
			'comparison.json': wordedAs('x'.repeat(70_000)),
			'run.json': run(['y'.repeat(70_000)]),
		})
		expect(text.length).toBeLessThan(MAX_COMMENT_CHARACTERS)
		expect(text).toContain(`(${URL})`)
	})
})
