// Scores become probabilities, in place.

/** Source: `SoftmaxLoss::computeOutput` of fastText 0.9.2; one sum in the labels' order. */
export function softmax(scores: usize, labels: usize): void {
	const end = scores + (labels << 2)
	let most = load<f32>(scores)
	for (let s = scores; s < end; s += 4) most = max(load<f32>(s), most)
	let sum: f32 = 0
	for (let s = scores; s < end; s += 4) {
		const e = Mathf.exp(load<f32>(s) - most)
		store<f32>(s, e)
		sum += e
	}
	for (let s = scores; s < end; s += 4) store<f32>(s, load<f32>(s) / sum)
}
