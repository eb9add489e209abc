// Text that others wrote, made fit for a terminal.

const MAX_CHARACTERS = 500

/** Control characters, and all else that is no text, must not speak to the terminal. */
export function printable(text: string): string {
	return text.replace(/\p{C}/gu, '\u{fffd}').slice(0, MAX_CHARACTERS)
}
