// A random sample of titles: intervals say how sure figures are, and so many titles make them sure enough.
import type { Effects } from '../effects.ts'
import type { DatedTitle } from '../evaluation/titles.ts'
import { withProgress } from '../progress.ts'
import { createRandom } from '../snapshot/random.ts'
import type { DatedSet } from './titles.ts'

const SEED = 1

export interface Drawn {
	/** In the order in which they came. */
	readonly titles: readonly DatedTitle[]
	/** Of how many they were drawn. */
	readonly total: number
}

/**
 * Each title has the same chance to be among those drawn; the same titles in the same order give the same sample.
 *
 * Source: Vitter 1985, "Random sampling with a reservoir", algorithm R.
 */
export async function drawTitles(
	{ name, read }: Pick<DatedSet, 'name' | 'read'>,
	most: number,
	effects: Effects,
): Promise<Drawn> {
	const random = createRandom(SEED)
	const kept: { readonly place: number; readonly title: DatedTitle }[] = []
	const options = { label: `reading ${name}`, total: 0, unit: 'posts' }
	let total = 0
	for await (const title of withProgress(read(), options, effects)) {
		const place = total
		total += 1
		if (kept.length < most) kept.push({ place, title })
		else {
			const at = Math.floor(random() * total)
			if (at < most) kept[at] = { place, title }
		}
	}
	kept.sort((a, b) => a.place - b.place)
	return { titles: kept.map(({ title }) => title), total }
}
