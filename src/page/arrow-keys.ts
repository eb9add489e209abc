// Arrow keys walk through a list of elements as Tab does, but only through these.

/** Marks an element that the arrows stop at. */
const STOP = '[data-stop]'
const KEYS: readonly string[] = ['ArrowUp', 'ArrowDown', 'Home', 'End', 'Escape']

/** Handles ArrowUp, ArrowDown, Home, End and Escape (back to the first stop) inside `container`. */
export function walkStops(event: KeyboardEvent, container: HTMLElement): void {
	if (event.defaultPrevented || !KEYS.includes(event.key)) return
	if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return
	const stops = Array.from(container.querySelectorAll<HTMLElement>(STOP))
	const current = stops.indexOf(event.target as HTMLElement)
	if (current === -1) return
	const isText = isTextField(event.target)
	if (isText && !leavesText(event)) return
	const next = stops[nextIndex(event.key, current, stops.length, isText)]
	if (!next || next === event.target) return
	event.preventDefault()
	next.focus()
}

function nextIndex(key: string, current: number, length: number, isText: boolean): number {
	if (key === 'ArrowDown') return Math.min(current + 1, length - 1)
	if (key === 'ArrowUp') return Math.max(current - 1, 0)
	if (isText) return current
	if (key === 'Home' || key === 'Escape') return 0
	if (key === 'End') return length - 1
	return current
}

// In a box of several lines the arrows first move the caret.
function leavesText({ key, target }: KeyboardEvent): boolean {
	const field = target as HTMLTextAreaElement | HTMLInputElement
	if (key === 'ArrowDown') return field.selectionEnd === field.value.length
	return key === 'ArrowUp' && field.selectionStart === 0
}

function isTextField(target: EventTarget | null): boolean {
	return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement
}
