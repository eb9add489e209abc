// Where the focus goes when what had it goes away.

/** Into the title box. */
export function focusTitle(): void {
	document.getElementById('title')?.focus({ preventScroll: true })
}

/** Whether a focused text box keeps the page in sight: on a phone its keyboard would cover half of it. */
export function hasOwnKeyboard(): boolean {
	return matchMedia('(hover: hover)').matches
}
