// Whether a person is in the middle of a word. Pure.

/**
 * Whether the last word of a text may be unfinished: a key added, took away or replaced its last character. What came at once,
 * pasted, dictated or chosen from a keyboard's proposals, came in whole words.
 *
 * @param caret where it is in the text
 */
export function isBeingTyped(before: string, text: string, caret: number): boolean {
	return caret === text.length && before.startsWith(text.slice(0, -1))
}
