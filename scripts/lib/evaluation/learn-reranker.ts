// Learns a reranker from titles whose subreddit is known: in plain arrays and one thread, so that a seed gives the same network
// every time.
import { setImmediate } from 'node:timers/promises'
import { RERANKER_VERSION } from '../../../src/model/reranker.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { Reranker } from '../../../src/shared/reranker.ts'
import { throwIfAborted } from '../effects.ts'
import { createRandom, shuffle } from '../snapshot/random.ts'
import { Adam } from './adam.ts'
import { type RankedExamples, teachingTitles } from './ranked-examples.ts'
import { type Parameters, RankingNetwork } from './ranking-network.ts'
import { type Standardisation, standardise } from './standardisation.ts'

export type { RankedExamples }

export interface LearningOptions {
	readonly seed: number
	/** How many hidden units. */
	readonly hidden?: number
	readonly epochs?: number
	/** Of the first epoch; it falls to 0 along half a cosine. */
	readonly learningRate?: number
	/** L2 decay of all parameters, the temperature among them. */
	readonly decay?: number
	/** Titles in a batch. */
	readonly batch?: number
	/** Called after each epoch, the first being 1, with the mean loss of its titles while they were learnt from. */
	onEpoch?(epoch: number, epochs: number, meanLoss: number): void
	readonly signal?: AbortSignal
}

/** Fewer titles with a right candidate say too little about the weights of a network. */
export const LEAST_EXAMPLES = 500

const DEFAULTS = { hidden: 32, epochs: 20, learningRate: 2e-3, decay: 3e-3, batch: 512 }
const DIGITS = 6

/**
 * Learns to put each title's right candidate first.
 *
 * @returns null where fewer than {@link LEAST_EXAMPLES} titles have a right candidate
 * @throws AppError `diverged` where the loss stops being a number
 * @throws RangeError where the arrays don't fit each other, or hold a number that is not finite
 * @throws AppError `aborted` soon after the signal was
 */
export async function learnReranker(
	examples: RankedExamples,
	options: LearningOptions,
): Promise<Reranker | null> {
	const { seed, hidden, epochs, learningRate, decay, batch } = { ...DEFAULTS, ...options }
	const titles = teachingTitles(examples)
	if (titles.length < LEAST_EXAMPLES) return null
	const random = createRandom(seed)
	const standardisation = standardise(examples, titles)
	const network = new RankingNetwork(examples, standardisation, hidden)
	start(network.parameters, random)
	const adam = new Adam(network.parameters.all, decay)
	for (let epoch = 0; epoch < epochs; epoch += 1) {
		shuffle(titles, random)
		const rate = (learningRate * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2
		let loss = 0
		for (let from = 0; from < titles.length; from += batch) {
			await setImmediate()
			if (options.signal) throwIfAborted({ signal: options.signal })
			loss += learnBatch(network, adam, titles.subarray(from, from + batch), rate)
		}
		checkLoss(loss, epoch)
		options.onEpoch?.(epoch + 1, epochs, loss / titles.length)
	}
	return parseWith(
		Reranker,
		foldStandardisation(network.parameters, standardisation),
		'learned reranker',
	)
}

/** Hidden units start at random, within the bounds that PyTorch's `Linear` has; without outputs the order is that of the base. */
function start(parameters: Parameters, random: () => number): void {
	const bound = 1 / Math.sqrt(parameters.featureCount)
	const draw = () => bound * (2 * random() - 1)
	for (let at = 0; at < parameters.hidden.length; at += 1) parameters.hidden[at] = draw()
	for (let at = 0; at < parameters.bias.length; at += 1) parameters.bias[at] = draw()
	parameters.temperature[0] = 1
}

/** @returns the sum of the titles' losses before the step */
function learnBatch(
	network: RankingNetwork,
	adam: Adam,
	titles: Int32Array,
	learningRate: number,
): number {
	const gradient = network.gradient.all
	gradient.fill(0)
	let loss = 0
	for (const title of titles) loss += network.addGradient(title)
	adam.step(gradient, titles.length, learningRate)
	return loss
}

function checkLoss(loss: number, epoch: number): void {
	if (Number.isFinite(loss)) return
	throw new AppError(
		'diverged',
		`learning the reranker diverged: the loss stopped being a number in epoch ${epoch + 1}; lower the learning rate`,
	)
}

/** The same network for raw features. Biases are made of the rounded weights, so that they make up for what rounding took. */
export function foldStandardisation(
	parameters: Parameters,
	{ means, scales }: Standardisation,
): Reranker {
	const { units, featureCount } = parameters
	const hidden = Array.from({ length: units }, (_, unit) =>
		Array.from(
			parameters.hidden.subarray(unit * featureCount, (unit + 1) * featureCount),
			(weight, feature) => round(weight * (scales[feature] as number)),
		),
	)
	const bias = hidden.map((row, unit) =>
		round(
			row.reduce(
				(rest, weight, feature) => rest - weight * (means[feature] as number),
				parameters.bias[unit] as number,
			),
		),
	)
	const output = Array.from(parameters.output, round)
	const temperature = round(parameters.temperature[0] as number)
	return { version: RERANKER_VERSION, temperature, hidden, bias, output }
}

function round(value: number): number {
	return Number(value.toPrecision(DIGITS))
}
