// The vectors of a model while it is made, in the shared memory.
import type { Crew } from './crew.ts'

/** Vectors are padded with zeros to a multiple of so many floats. */
export const VECTOR = 8

/** Weights in the shared memory, vectors padded with zeros to `stride` floats. */
export interface Weights {
	readonly rows: number
	readonly labels: number
	readonly dim: number
	readonly stride: number
	/** Addresses. */
	readonly input: number
	readonly output: number
}

/** Random vectors for features, zeros for labels; the same for the same seed. */
export async function createWeights(
	crew: Crew,
	{ rows, labels, dim, seed }: { rows: number; labels: number; dim: number; seed: number },
): Promise<Weights> {
	const stride = Math.ceil(dim / VECTOR) * VECTOR
	const input = crew.arena.take(rows * stride * 4, `${rows} vectors of features`)
	const output = crew.arena.take(labels * stride * 4, `${labels} vectors of labels`)
	await crew.runAll((thread) => {
		const from = Math.floor((rows * thread) / crew.threads)
		const to = Math.floor((rows * (thread + 1)) / crew.threads)
		const args = [input, from, to, stride, dim, seed]
		return { mode: 'once', kernel: 'initRows', args }
	})
	return { rows, labels, dim, stride, input, output }
}
