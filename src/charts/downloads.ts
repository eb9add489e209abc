// What a chart gives away beside its numbers: its picture with the looks that it has on the screen. Main thread.
import { composePicture } from './picture.ts'

/** Looks that the page's stylesheet gives, which a file of its own has to bring. */
const LOOKS = [
	'fill',
	'fill-opacity',
	'stroke',
	'stroke-width',
	'stroke-dasharray',
	'stroke-linecap',
	'opacity',
	'font-size',
	'font-weight',
] as const

/** @param svg as it is drawn; the key is that of its figure */
export function readPicture(svg: SVGSVGElement, words: { finding: string; note: string }): string {
	const page = getComputedStyle(document.documentElement)
	const colour = (name: string) => page.getPropertyValue(name).trim()
	const { width, height } = svg.viewBox.baseVal
	const pieces = [...(svg.closest('figure')?.querySelectorAll('.legend li') ?? [])]
	return composePicture({
		content: readContent(svg),
		width,
		height,
		...words,
		legend: pieces.flatMap((piece) => {
			const mark = piece.querySelector('svg')
			return mark ? [{ mark: readContent(mark), label: piece.textContent.trim() }] : []
		}),
		colours: { paper: colour('--paper'), ink: colour('--ink'), quiet: colour('--quiet') },
		font: getComputedStyle(svg).fontFamily,
	})
}

/** What is inside, with the looks that it has here. */
function readContent(svg: SVGSVGElement): string {
	const copy = svg.cloneNode(true) as SVGSVGElement
	const originals = svg.querySelectorAll('*')
	for (const [index, element] of copy.querySelectorAll('*').entries()) {
		const original = originals[index]
		if (original) bringLooks(getComputedStyle(original), element)
	}
	return new XMLSerializer().serializeToString(copy).replace(/^<svg[^>]*>|<\/svg>$/g, '')
}

function bringLooks(style: CSSStyleDeclaration, element: Element): void {
	for (const name of LOOKS) element.setAttribute(name, style.getPropertyValue(name))
	for (const name of ['class', 'tabindex', 'role', 'data-says']) element.removeAttribute(name)
}
