// Lets n-grams share rows: n-grams that speak for the same label in the same way become one row of the model.
// In the file an n-gram then costs an entry of the prune map, about five bytes, in place of a row of codes.

const ROUNDS = 5

export interface SharingJob {
	/** Vectors of the n-grams, `stride` floats apart. */
	readonly data: Float32Array
	readonly dim: number
	readonly stride: number
	/** How often each n-gram occurs. */
	readonly counts: Uint32Array
	/** The label that each n-gram speaks for most. */
	readonly labels: Int32Array
	/** Rows that the n-grams get, about. */
	readonly rows: number
}

/**
 * Groups n-grams by label, and by k-means within a label (weighted by their counts, started from the ones in the middle of
 * equal parts by length).
 *
 * @returns for each n-gram its row, from 0 on without gaps
 */
export function shareRows(job: SharingJob): Uint32Array {
	const { labels, rows } = job
	const members = new Map<number, number[]>()
	for (const [ngram, label] of labels.entries()) {
		const group = members.get(label)
		if (group) group.push(ngram)
		else members.set(label, [ngram])
	}
	const shared = new Uint32Array(labels.length)
	const perRow = labels.length / rows
	let first = 0
	for (const label of [...members.keys()].sort((a, b) => a - b)) {
		const group = members.get(label) ?? []
		const clusters = clusterGroup(job, group, Math.max(1, Math.round(group.length / perRow)))
		const used = [...new Set(clusters)].sort((a, b) => a - b)
		const numbers = new Map(used.map((cluster, index) => [cluster, first + index]))
		for (const [index, ngram] of group.entries())
			shared[ngram] = numbers.get(clusters[index] ?? 0) ?? first
		first += used.length
	}
	return numberAsTheyCome(shared)
}

/** Renumbers rows in the order in which n-grams first use them: the packing then says no more of a new row than that it is new. */
function numberAsTheyCome(rows: Uint32Array): Uint32Array {
	const numbers = new Map<number, number>()
	for (const row of rows) if (!numbers.has(row)) numbers.set(row, numbers.size)
	return rows.map((row) => numbers.get(row) ?? 0)
}

function clusterGroup(job: SharingJob, group: readonly number[], count: number): Int32Array {
	const clusters = new Int32Array(group.length)
	if (count < 2) return clusters
	const { data, dim, stride, counts } = job
	const vectors = new Float32Array(group.length * dim)
	for (const [index, ngram] of group.entries())
		vectors.set(data.subarray(ngram * stride, ngram * stride + dim), index * dim)
	const centers = startCenters(vectors, dim, group.length, count)
	const weights = group.map((ngram) => Math.sqrt(counts[ngram] ?? 1))
	for (let round = 0; round < ROUNDS; round += 1) {
		for (let index = 0; index < group.length; index += 1)
			clusters[index] = nearestCenter(vectors, index * dim, centers, dim, count)
		if (round < ROUNDS - 1) moveCenters(vectors, centers, clusters, weights, dim)
	}
	return clusters
}

function startCenters(vectors: Float32Array, dim: number, length: number, count: number) {
	const lengths = Float32Array.from({ length }, (_, index) => {
		let sum = 0
		for (let k = index * dim; k < (index + 1) * dim; k += 1) sum += (vectors[k] ?? 0) ** 2
		return sum
	})
	const order = Array.from({ length }, (_, index) => index)
	order.sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b)
	const centers = new Float32Array(count * dim)
	for (let center = 0; center < count; center += 1) {
		const index = order[Math.floor(((center + 0.5) * length) / count)] ?? 0
		centers.set(vectors.subarray(index * dim, (index + 1) * dim), center * dim)
	}
	return centers
}

function nearestCenter(
	vectors: Float32Array,
	from: number,
	centers: Float32Array,
	dim: number,
	count: number,
): number {
	let best = Infinity
	let at = 0
	for (let center = 0; center < count; center += 1) {
		let sum = 0
		for (let k = 0; k < dim; k += 1) {
			const difference = (vectors[from + k] ?? 0) - (centers[center * dim + k] ?? 0)
			sum += difference * difference
		}
		if (sum < best) {
			best = sum
			at = center
		}
	}
	return at
}

function moveCenters(
	vectors: Float32Array,
	centers: Float32Array,
	clusters: Int32Array,
	weights: readonly number[],
	dim: number,
): void {
	const sums = new Float64Array(centers.length)
	const totals = new Float64Array(centers.length / dim)
	for (const [index, cluster] of clusters.entries()) {
		const weight = weights[index] ?? 1
		totals[cluster] = (totals[cluster] ?? 0) + weight
		for (let k = 0; k < dim; k += 1)
			sums[cluster * dim + k] =
				(sums[cluster * dim + k] ?? 0) + weight * (vectors[index * dim + k] ?? 0)
	}
	for (const [at, sum] of sums.entries()) {
		const total = totals[Math.floor(at / dim)] ?? 0
		if (total > 0) centers[at] = sum / total
	}
}
