// A row of scores → probabilities, or the errors that softmax with cross-entropy sends back, in place.

/** Below this e^x counts as 0: the denormal numbers that it leads to cost a processor a hundred times as much. */
const LOWEST: f32 = -50

/** e^x for x ≤ 0, four at a time; Cephes' polynomial, error about 1e-7. */
// @ts-ignore
@inline
function exp4(x: v128): v128 {
	const clamped = f32x4.max(x, f32x4.splat(LOWEST))
	const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504088896341)))
	let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)))
	r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
	let y = f32x4.splat(1.9875691500e-4)
	y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3))
	y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3))
	y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2))
	y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1))
	y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1))
	y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(y, r), r), r), f32x4.splat(1))
	const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
	return v128.and(f32x4.mul(y, power), f32x4.gt(x, f32x4.splat(LOWEST)))
}

/**
 * Turns the `width` scores of a row (a multiple of 4) into probabilities minus the target's one.
 *
 * @returns the cross-entropy in nats; NaN where a score is NaN or infinite
 */
export function softmaxErrors(scores: usize, width: usize, target: usize): f32 {
	const most = highest(scores, width)
	const place = scores + (target << 2)
	const wanted = load<f32>(place)
	const sum = normalize(scores, width, most)
	store<f32>(place, load<f32>(place) - 1)
	return Mathf.log(sum) + (most - wanted)
}

/** Turns the `width` scores of a row (a multiple of 4) into probabilities; NaN where a score is NaN or infinite. */
export function softmax(scores: usize, width: usize): void {
	normalize(scores, width, highest(scores, width))
}

// @ts-ignore
@inline
function highest(scores: usize, width: usize): f32 {
	let top = v128.load(scores)
	for (let s = scores + 16; s < scores + (width << 2); s += 16) top = f32x4.max(top, v128.load(s))
	return max(
		max(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)),
		max(f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3)),
	)
}

/** @returns what e^(score - most) added up to */
// @ts-ignore
@inline
function normalize(scores: usize, width: usize, most: f32): f32 {
	const end = scores + (width << 2)
	const shift = f32x4.splat(most)
	let sums = f32x4.splat(0)
	for (let s = scores; s < end; s += 16) {
		const e = exp4(f32x4.sub(v128.load(s), shift))
		v128.store(s, e)
		sums = f32x4.add(sums, e)
	}
	const sum =
		f32x4.extract_lane(sums, 0) +
		f32x4.extract_lane(sums, 1) +
		(f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
	const scale = f32x4.splat(1 / sum)
	for (let s = scores; s < end; s += 16) v128.store(s, f32x4.mul(v128.load(s), scale))
	return sum
}
