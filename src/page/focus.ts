// Where the focus goes when what had it goes away.

/** Into the title box; on a page beside it, to its heading. */
export function focusTitle(): void {
	const place =
		document.getElementById('title') ?? document.querySelector<HTMLElement>('main h2[tabindex]')
	place?.focus({ preventScroll: true })
}

/** Whether a focused text box keeps the page in sight: on a phone its keyboard would cover half of it. */
export function hasOwnKeyboard(): boolean {
	return matchMedia('(hover: hover)').matches
}
