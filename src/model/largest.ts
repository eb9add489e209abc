// The largest of many numbers. Pure: browser and Node.

/** The places of the `count` largest, largest first; of equal ones the first comes first. */
export function findLargest(numbers: Float64Array, count: number): number[] {
	const best: number[] = []
	for (let place = 0; place < numbers.length; place += 1) {
		const number = numbers[place] as number
		if (best.length === count && !(number > (numbers[best[count - 1] as number] as number)))
			continue
		let at = best.length
		while (at > 0 && number > (numbers[best[at - 1] as number] as number)) at -= 1
		best.splice(at, 0, place)
		if (best.length > count) best.pop()
	}
	return best
}
