// Adam (Kingma and Ba, 2015) with L2 decay, which is added to the gradient of every parameter.

const FIRST_DECAY = 0.9
const SECOND_DECAY = 0.999
const EPSILON = 1e-8

export class Adam {
	readonly #parameters: Float64Array
	readonly #decay: number
	readonly #firstMoments: Float64Array
	readonly #secondMoments: Float64Array
	/** Powers of the decays: what the moments still lack for having started at 0. */
	#firstLack = 1
	#secondLack = 1

	/** @param parameters are changed in place by each step */
	constructor(parameters: Float64Array, decay: number) {
		this.#parameters = parameters
		this.#decay = decay
		this.#firstMoments = new Float64Array(parameters.length)
		this.#secondMoments = new Float64Array(parameters.length)
	}

	/** @param gradient summed over the examples of a batch @param examples how many: their mean is followed */
	step(gradient: Float64Array, examples: number, learningRate: number): void {
		const [parameters, first, second] = [this.#parameters, this.#firstMoments, this.#secondMoments]
		this.#firstLack *= FIRST_DECAY
		this.#secondLack *= SECOND_DECAY
		const rate = learningRate / (1 - this.#firstLack)
		const correction = Math.sqrt(1 - this.#secondLack)
		for (let at = 0; at < parameters.length; at += 1) {
			const parameter = parameters[at] as number
			const slope = (gradient[at] as number) / examples + this.#decay * parameter
			const mean = FIRST_DECAY * (first[at] as number) + (1 - FIRST_DECAY) * slope
			const square = SECOND_DECAY * (second[at] as number) + (1 - SECOND_DECAY) * slope * slope
			first[at] = mean
			second[at] = square
			parameters[at] = parameter - (rate * mean) / (Math.sqrt(square) / correction + EPSILON)
		}
	}
}
