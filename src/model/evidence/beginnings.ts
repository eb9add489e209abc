// The beginning of a word as an entry of the table of evidence: telescope, telescopes and telescopic share one. Pure: browser and Node.

const LETTERS = 4
/** Behind a beginning, so that it is like no token: those have no spaces. */
const MARK = ' '

/** What the table has a token's beginning under; null for a token that is hardly longer than that. */
export function beginningOf(token: string): string | null {
	if (token.length <= LETTERS) return null
	const isCut = isHighSurrogate(token.charCodeAt(LETTERS - 1))
	const end = isCut ? LETTERS + 1 : LETTERS
	return token.length > end ? token.slice(0, end) + MARK : null
}

/** Whether an entry of the table is of a beginning, and not of a word. */
export function isBeginning(entry: string): boolean {
	return entry.endsWith(MARK)
}

/** A beginning as a person may read it. */
export function showBeginning(entry: string): string {
	return `${entry.slice(0, -MARK.length)}…`
}

/** A token's entries: itself, and its beginning. */
export function entriesOf(token: string): string[] {
	const beginning = beginningOf(token)
	return beginning === null ? [token] : [token, beginning]
}

function isHighSurrogate(unit: number): boolean {
	return unit >= 0xd800 && unit < 0xdc00
}
