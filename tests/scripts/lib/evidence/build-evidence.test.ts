import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildEvidence } from '../../../../scripts/lib/evidence/build-evidence.ts'
import { readEvidence } from '../../../../src/model/evidence/evidence-file.ts'
import { EvidenceTable } from '../../../../src/model/evidence/weigh-evidence.ts'
import { measureEvidence } from '../../../../src/model/packed/packed-model.ts'

const LABELS = ['cats', 'chess', 'linux']
const TITLES = [
	['cats', 'my kitten sleeps'],
	['cats', 'a kitten and a cat'],
	['cats', 'a cat sleeps'],
	['chess', 'my pawn is lost'],
	['chess', 'a pawn and a rook'],
	['linux', 'my kernel is lost'],
	['linux', 'a kernel and a driver'],
	['dogs', 'a kennel and a dog'],
] as const

async function writeTitles(titles: readonly (readonly [string, string])[]): Promise<string> {
	const path = join(await mkdtemp(join(tmpdir(), 'whichsub-evidence-')), 'train.txt')
	await writeFile(path, titles.map(([label, text]) => `__label__${label} ${text}\n`).join(''))
	return path
}

/** How much each word counts in the table that is built from these titles. */
async function weighWords(titles: readonly (readonly [string, string])[]) {
	const texts = [{ path: await writeTitles(titles), weight: 1 }]
	const { words, weights } = readEvidence(
		await buildEvidence({ texts, labels: LABELS, maxBytes: 10_000 }),
	)
	return (word: string) => weights[words.indexOf(word)] ?? Number.NaN
}

const even = {
	labels: Uint32Array.from(LABELS.keys()),
	scores: new Float64Array(LABELS.length).fill(1 / 3),
}

describe('building evidence', () => {
	it('lets a word speak for the label whose titles have it', async () => {
		const texts = [{ path: await writeTitles(TITLES), weight: 1 }]
		const bytes = await buildEvidence({ texts, labels: LABELS, maxBytes: 10_000 })
		const table = new EvidenceTable(readEvidence(bytes), LABELS)
		expect(table.weigh('kernel', even, 1)[0]?.label).toBe('linux')
		expect(table.weigh('the kitten', even, 1)[0]?.label).toBe('cats')
		// Once is no evidence, and lines of other labels are none of ours.
		expect(table.knows('rook')).toBe(false)
		expect(table.knows('kennel')).toBe(false)
	})

	it('gives the value of the formula: log(1 + titles / (smoothing · share of titles))', async () => {
		const texts = [{ path: await writeTitles(TITLES), weight: 1 }]
		const evidence = readEvidence(await buildEvidence({ texts, labels: LABELS, maxBytes: 10_000 }))
		const word = evidence.words.indexOf('kernel')
		const level = evidence.levels[evidence.starts[word] ?? -1] ?? -1
		const exact = Math.log(1 + 2 / ((400 * 2) / 7))
		// Rounded to one of sixteen levels.
		expect((evidence.levelValues[level] ?? 0) / exact).toBeGreaterThan(0.8)
		expect((evidence.levelValues[level] ?? 0) / exact).toBeLessThan(1.25)
		expect(evidence.absent[0]).toBeCloseTo(-Math.log(1 + 3 / 400), 6)
	})

	it('counts the lines of a file as much as it is told', async () => {
		const train = await writeTitles(TITLES)
		const older = await writeTitles(Array(40).fill(['chess', 'a kernel of truth']))
		const speaker = async (weight: number) => {
			const texts = [
				{ path: train, weight: 1 },
				{ path: older, weight },
			]
			const bytes = await buildEvidence({ texts, labels: LABELS, maxBytes: 10_000 })
			return new EvidenceTable(readEvidence(bytes), LABELS).weigh('kernel', even, 1)[0]?.label
		}
		expect(await speaker(0.01)).toBe('linux')
		expect(await speaker(1)).toBe('chess')
	})

	it('counts a word that few labels have for themselves more than one that is as frequent and everywhere', async () => {
		// Ten words of each kind, each in six titles: of one label, or of all three by turns.
		const lines = Array.from({ length: 10 }, (_, word) =>
			Array.from({ length: 6 }, (_, line): [string, string][] => [
				[LABELS[word % 3] ?? '', `own${word}`],
				[LABELS[line % 3] ?? '', `common${word}`],
			]).flat(),
		).flat()
		const weightOf = await weighWords(lines)
		expect(weightOf('own1')).toBeGreaterThan(weightOf('common1'))
	})

	it('counts a rare word more than a frequent one', async () => {
		const lines = Array.from(
			{ length: 60 },
			(_, line) =>
				[LABELS[line % 3] ?? '', line < 6 ? 'rare frequent' : 'frequent filler'] as const,
		)
		const weightOf = await weighWords(lines)
		expect(weightOf('rare')).toBeGreaterThan(weightOf('filler'))
	})

	it('keeps to its bytes, with the entries that matter most, and makes the same bytes again', async () => {
		const many = Array.from({ length: 3_000 }, (_, index) => {
			const label = LABELS[index % 3] ?? ''
			return [label, `${label} word${index % 700} word${(index * 7) % 900}`] as const
		})
		const texts = [{ path: await writeTitles(many), weight: 1 }]
		const job = { texts, labels: LABELS, maxBytes: 1_500 }
		const bytes = await buildEvidence(job)
		const packed = measureEvidence(readEvidence(bytes))
		expect(packed).toBeLessThanOrEqual(1_500)
		expect(packed).toBeGreaterThan(1_200)
		expect(new EvidenceTable(readEvidence(bytes), LABELS).knows('linux')).toBe(true)
		expect(Buffer.compare(bytes, await buildEvidence(job))).toBe(0)
	})

	it('says so where nothing fits', async () => {
		const texts = [{ path: await writeTitles(TITLES), weight: 1 }]
		await expect(buildEvidence({ texts, labels: LABELS, maxBytes: 20 })).rejects.toThrow(
			'does not fit',
		)
	})
})
