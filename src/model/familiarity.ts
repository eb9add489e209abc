// How much of a title a model can read, and what its percentages are worth then. Pure: browser and Node.

/** What it is asked of words. */
interface Reader {
	knows(word: string): boolean
	hasVector(word: string): boolean
}

/** What a known word counts that only the table of evidence has: few posts had it. */
const RARE = 0.5
/** What a known character counts of a script without spaces: such characters tell the language, but hardly the subject. */
const CHARACTER = 0.25
/** Scripts that write no spaces: each character is a token. */
export const ENDS_IN_CHARACTER =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]\p{M}*$/u

/**
 * A title that is this familiar has the percentages of the calibration. Measured, as is {@link DOUBT}: see docs/suggestions.md.
 */
const FAMILIAR = 0.75
/** How much the percentages of a title lose of which the model can read nothing. */
const DOUBT = 4

/** The share of the letters of a title's words that the model can read, in [0, 1]; 1 where there are none. */
export function measureFamiliarity(words: readonly string[], model: Reader): number {
	let read = 0
	let letters = 0
	for (const word of words) {
		letters += word.length
		read += word.length * weigh(word, model)
	}
	return letters === 0 ? 1 : read / letters
}

/**
 * A calibrated probability for a title that is so familiar. High ones shrink, low ones hold: among the few labels that share rare words
 * or a language, the model is too sure of the first.
 */
export function temper(probability: number, familiarity: number): number {
	const doubt = DOUBT * Math.max(0, 1 - familiarity / FAMILIAR)
	if (doubt === 0) return probability
	// Of p / √(1 + (doubt · p)²) this form never brings two probabilities out of their order by rounding.
	return Math.min(probability, 1 / Math.sqrt(1 / probability ** 2 + doubt ** 2))
}

function weigh(word: string, model: Reader): number {
	if (ENDS_IN_CHARACTER.test(word)) return model.knows(word) ? CHARACTER : 0
	if (model.hasVector(word)) return 1
	return model.knows(word) ? RARE : 0
}
