import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { UnseenEntry } from '../../../../scripts/lib/unseen/build-index.ts'
import { packEntries } from '../../../../scripts/lib/unseen/pack-index.ts'
import { readUnseenIndex } from '../../../../src/model/unseen/index-file.ts'
import { TailFile } from '../../../../src/model/unseen/tail-file.ts'
import { UNSEEN_WORDS } from '../../../fixtures/unseen.ts'

const LABELS = ['astronomy', 'cats']

/** `sub000` to `sub999`; the later ones are the larger. */
const ENTRIES: readonly UnseenEntry[] = Array.from({ length: 1_000 }, (_, number) => ({
	name: `sub${String(number).padStart(3, '0')}`,
	subscribers: 1_000 + number,
	counts: new Map([[`word${(number * 7_919) % 997}`, 3]]),
	length: 3,
	neighbours: [{ label: LABELS[number % 2] ?? '', score: 0.5 }],
}))

const described = { entries: ENTRIES, words: UNSEEN_WORDS, labels: LABELS }

describe('packEntries', () => {
	it('puts the largest into the index, and as many as fit into the long tail', async () => {
		const whole = (await packEntries(described, { index: 1e6, tail: 1e6 })).index.content.length
		const limits = { index: Math.floor(whole / 4), tail: Math.floor(whole / 2) }
		const { index, tail } = await packEntries(described, limits)
		const unpacked = gunzipSync(tail?.content ?? '')
		const opened = TailFile.open(Uint8Array.from(unpacked))
		const { names } = readUnseenIndex(gunzipSync(index.content))
		for (const [packed, limit, count] of [
			[index, limits.index, names.length],
			[tail, limits.tail, opened.count],
		] as const) {
			expect(packed?.content.length).toBeLessThanOrEqual(limit)
			expect(packed?.record.bytes).toBe(packed?.content.length)
			expect(packed?.record.subreddits).toBe(count)
			expect(packed?.leftOut).toBe(ENTRIES.length - count)
		}
		expect(opened.count).toBeGreaterThan(names.length)
		// The largest are the last ones.
		expect(names).toEqual(ENTRIES.slice(-names.length).map(({ name }) => name))
		expect(opened.nameAt(0)).toBe(ENTRIES.at(-opened.count)?.name)
		expect(opened.nameAt(opened.count - 1)).toBe('sub999')
	})

	it('keeps in the long tail the words of a subreddit that tell most, and three of its labels', async () => {
		const words = ['the', 'about', 'kitten', 'loaf', 'moon', 'lore', 'developers']
		const labels = ['a', 'b', 'c', 'd']
		const entry = (name: string, subscribers: number): UnseenEntry => ({
			...{ name, subscribers, length: words.length },
			counts: new Map(words.map((word) => [word, 1])),
			neighbours: labels.map((label, at) => ({ label, score: 0.4 - at / 10 })),
		})
		const many = Array.from({ length: 400 }, (_, n) => entry(`sub${100 + n}`, n))
		const same = { entries: many, words: UNSEEN_WORDS, labels }
		const whole = (await packEntries(same, { index: 1e6, tail: 1e6 })).index.content.length
		const packed = await packEntries(same, { index: whole - 100, tail: 1e6 })
		const opened = TailFile.open(Uint8Array.from(gunzipSync(packed.tail?.content ?? '')))
		const has = words.filter((word) => opened.findWord(word) !== null)
		// Of 1,000 titles 400 have "the" and 90 "about".
		expect(has).toEqual(['kitten', 'loaf', 'moon', 'lore', 'developers'])
		const near = labels.map((_, label) => {
			let count = 0
			opened.visitLabel(label)(() => {
				count += 1
			})
			return count
		})
		expect(near).toEqual([400, 400, 400, 0])
	})

	it('makes no long tail where the index holds all', async () => {
		const { index, tail } = await packEntries(described, { index: 600_000, tail: 5_000_000 })
		expect(index.leftOut).toBe(0)
		expect(tail).toBeNull()
	})
})
