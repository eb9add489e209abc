// The text that a model is trained on, in fastText's format: one title a line, as in `__label__Name token token …`. Pure.

/** Begins a label, in the text and in a model's dictionary. */
export const LABEL_PREFIX = '__label__'

export interface LabelledTitle {
	/** The subreddit that the title was posted in. */
	readonly subreddit: string
	/** Normalised. */
	readonly text: string
}

/** One line, with its end. */
export function formatTrainingLine({ subreddit, text }: LabelledTitle): string {
	return `${LABEL_PREFIX}${subreddit} ${text}\n`
}

/** @param line without its end @returns null where it has no label */
export function parseTrainingLine(line: string): LabelledTitle | null {
	if (!line.startsWith(LABEL_PREFIX)) return null
	const end = line.indexOf(' ')
	if (end === -1) return { subreddit: line.slice(LABEL_PREFIX.length), text: '' }
	return { subreddit: line.slice(LABEL_PREFIX.length, end), text: line.slice(end + 1) }
}

/** `__label__Name` → `Name`. */
export function labelName(label: string): string {
	return label.startsWith(LABEL_PREFIX) ? label.slice(LABEL_PREFIX.length) : label
}
