// The gamma functions that distributions are made of. Pure.

/** Lanczos' approximation with g = 7 and nine terms; its relative error is about 1e-15. */
const LANCZOS = [
	0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
	-176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
	1.5056327351493116e-7,
]

/** The logarithm of Γ(x), for x > 0. Source: Lanczos 1964, "A precision approximation of the gamma function". */
export function logGamma(x: number): number {
	if (!(x > 0)) throw new RangeError(`logGamma: ${x}; expected a number above 0`)
	if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
	const [first = 0, ...rest] = LANCZOS
	const sum = rest.reduce((total, term, index) => total + term / (x + index), first)
	const t = x + 6.5
	return Math.log(2 * Math.PI) / 2 + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * The regularised lower incomplete gamma function P(a, x): the share of a gamma distribution of shape a below x.
 *
 * Source: Press et al. 2007, "Numerical Recipes", 6.2: the series below a + 1, Lentz's continued fraction above.
 */
export function lowerGamma(a: number, x: number): number {
	if (x <= 0) return 0
	const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
	return x < a + 1 ? scale * series(a, x) : 1 - scale * fraction(a, x)
}

const PRECISION = 1e-15
const TINY = 1e-300

function series(a: number, x: number): number {
	let term = 1 / a
	let sum = term
	for (let n = a + 1; term > sum * PRECISION; n += 1) {
		term *= x / n
		sum += term
	}
	return sum
}

function fraction(a: number, x: number): number {
	let b = x + 1 - a
	let c = 1 / TINY
	let d = 1 / b
	let product = d
	for (let i = 1; ; i += 1) {
		const numerator = -i * (i - a)
		b += 2
		d = 1 / nonZero(numerator * d + b)
		c = nonZero(b + numerator / c)
		product *= d * c
		if (Math.abs(d * c - 1) < PRECISION) return product
	}
}

function nonZero(x: number): number {
	return Math.abs(x) < TINY ? TINY : x
}
