// Marks that can be activated: by pointer, by Enter or space, and the arrows walk from one to the next. Main thread.

export interface MarkControl {
	/** What it does, for those who don't see it. */
	readonly label: string
	/** Whether what it stands for is listed. */
	readonly isChosen: boolean
	/** One mark of a chart is a stop for the tab key. */
	readonly isStop: boolean
	readonly onactivate: () => void
}

/** The attributes of a mark's element, which are none where it leads nowhere. */
export function asControl(control: MarkControl | null) {
	if (!control) return {}
	const { label, isChosen, isStop, onactivate } = control
	return {
		role: 'button',
		tabindex: isStop ? 0 : -1,
		'aria-label': label,
		'aria-pressed': isChosen,
		onclick: onactivate,
		onkeydown: (event: KeyboardEvent) => onKey(event, onactivate),
	} as const
}

/** Which way an arrow goes among the marks, in the order in which they are drawn. */
const STEPS: Readonly<Record<string, number>> = {
	ArrowLeft: -1,
	ArrowUp: -1,
	ArrowRight: 1,
	ArrowDown: 1,
}

function onKey(event: KeyboardEvent, activate: () => void): void {
	const step = STEPS[event.key]
	const isActivation = event.key === 'Enter' || event.key === ' '
	if (step === undefined && !isActivation) return
	event.preventDefault()
	if (isActivation) activate()
	else if (step !== undefined && event.currentTarget instanceof SVGElement)
		focusNext(event.currentTarget, step)
}

function focusNext(mark: SVGElement, step: number): void {
	const marks = [...(mark.ownerSVGElement?.querySelectorAll('[role="button"]') ?? [])]
	const next = marks[marks.indexOf(mark) + step]
	if (next instanceof SVGElement) next.focus()
}
