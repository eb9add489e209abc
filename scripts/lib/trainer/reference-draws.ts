// What the plain trainer of reference.ts draws at random: all of it follows from the seed, so that the kernels draw the same.

/** Where a draw begins: the seed, and which of its draws it is. */
interface Draw {
	readonly seed: number
	readonly epoch: number
}

/** The finaliser of SplitMix64: from a number one that looks random. */
function mix(value: bigint): bigint {
	let z = BigInt.asUintN(64, value + 0x9e3779b97f4a7c15n)
	z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
	z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
	return z ^ (z >> 31n)
}

/** A whole number from 0 to below `end`, of the upper half of random bits. */
function below(end: number, bits: bigint): number {
	return Number(((bits >> 32n) * BigInt(end)) >> 32n)
}

/** The vector of a row before it learns: numbers between -1/dim and 1/dim. */
export function drawVector(seed: number, row: number, dim: number): Float64Array {
	const start = mix((BigInt(seed) << 32n) | BigInt(row))
	const draw = (k: number) => Number(mix(start + BigInt(k)) >> 40n) / 2 ** 23 - 1
	return Float64Array.from({ length: dim }, (_, k) => draw(k) / dim)
}

/** The order of an epoch: Fisher and Yates, on from that of the epoch before. */
export function shuffle(order: number[], { seed, epoch }: Draw): void {
	let state = mix((BigInt(seed) << 32n) | BigInt(epoch))
	for (let last = order.length - 1; last > 0; last -= 1) {
		state = mix(state)
		const other = below(last + 1, state)
		const kept = order[last] as number
		order[last] = order[other] as number
		order[other] = kept
	}
}

/**
 * In some epochs a few neighbouring words stand for the whole title, so that short titles are learnt, too.
 *
 * @param words so many rows are words; those behind them are pairs
 */
export function cutPiece(
	features: readonly number[],
	{ words, share }: { readonly words: number; readonly share: number },
	{ seed, epoch, sample }: Draw & { readonly sample: number },
): readonly number[] {
	const bits = mix((BigInt(seed) << 40n) ^ (BigInt(epoch) << 32n) ^ BigInt(sample))
	const wanted = 1 + Number((bits >> 24n) % 6n)
	const count = features.filter((row) => row < words).length
	if (Number(bits % 2n ** 24n) / 2 ** 24 >= share || count <= wanted) return features
	const more = mix(bits)
	const before = more % 2n === 0n ? 0 : Number((more >> 24n) % BigInt(count - wanted + 1))
	let word = 0
	return features.filter((row) => {
		if (row < words) word += 1
		// A pair stands behind its second word: behind the piece's first word it would reach out of the piece.
		return word > before && word <= before + wanted && (row < words || word > before + 1)
	})
}

/** The labels of a batch's softmax: its own, and all others, or some that are drawn at random. */
export function drawCandidates(
	own: readonly number[],
	{ labels, negatives }: { readonly labels: number; readonly negatives: number },
	{ seed, epoch, step }: Draw & { readonly step: number },
): number[] {
	if (negatives >= labels) return Array.from({ length: labels }, (_, label) => label)
	const chosen = new Set(own)
	let state = mix((BigInt(seed) << 32n) ^ (BigInt(epoch) << 56n) ^ BigInt(step))
	for (let drawn = 0; drawn < negatives; drawn += 1) {
		state = mix(state)
		chosen.add(below(labels, state))
	}
	return [...chosen]
}
