// Asks the browser to keep what this page stores when space runs short. Main thread.

let isAsked = false

/** Once on a visit, after something was stored that a person would miss: some browsers ask the person. */
export function keepForGood(): void {
	if (isAsked) return
	isAsked = true
	// Absent on pages without HTTPS; where it is refused, everything works as before.
	navigator.storage?.persist?.().catch(() => {})
}
