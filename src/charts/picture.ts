// A chart as a file of its own: the finding above it, what was measured, a background. Pure.

export interface Picture {
	/** What stands between `<svg>` and `</svg>`. */
	readonly content: string
	readonly width: number
	readonly height: number
	readonly finding: string
	readonly note: string
	/** Rules for the content, or none where it brings its own looks. */
	readonly css?: string
	readonly colours: { readonly paper: string; readonly ink: string; readonly quiet: string }
	readonly font: string
}

const EDGE = 16
const FINDING_SIZE = 15
const NOTE_SIZE = 11
/** Mean width of a letter in parts of the type's size; a little wide, so that no line is cut. */
const LETTER = 0.55

export function composePicture(picture: Picture): string {
	const { content, width, height, colours, font } = picture
	const finding = wrap(picture.finding, width / (FINDING_SIZE * LETTER))
	const note = wrap(picture.note, width / (NOTE_SIZE * LETTER))
	const findingHeight = finding.length * FINDING_SIZE * 1.35
	const top = findingHeight + note.length * NOTE_SIZE * 1.45 + 14
	const whole = { width: width + 2 * EDGE, height: Math.ceil(top + height + 2 * EDGE) }
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole.width} ${whole.height}" width="${whole.width}" height="${whole.height}" role="img" aria-label="${escapeXml(picture.finding)}" font-family="${escapeXml(font)}">`,
		picture.css ? `<style>${picture.css.replaceAll('<', '\\3c ')}</style>` : '',
		`<rect width="100%" height="100%" fill="${escapeXml(colours.paper)}"/>`,
		...lines(finding, { y: EDGE + FINDING_SIZE, size: FINDING_SIZE, leading: 1.35 }, [
			`fill="${escapeXml(colours.ink)}"`,
			'font-weight="600"',
		]),
		...lines(note, { y: EDGE + findingHeight + NOTE_SIZE + 2, size: NOTE_SIZE, leading: 1.45 }, [
			`fill="${escapeXml(colours.quiet)}"`,
		]),
		`<g class="chart" transform="translate(${EDGE} ${Math.round(EDGE + top)})">${content}</g>`,
		'</svg>\n',
	].join('')
}

function lines(
	texts: readonly string[],
	{ y, size, leading }: { y: number; size: number; leading: number },
	looks: readonly string[],
): string[] {
	return texts.map(
		(text, index) =>
			`<text x="${EDGE}" y="${Math.round(y + index * size * leading)}" font-size="${size}" ${looks.join(' ')}>${escapeXml(text)}</text>`,
	)
}

function wrap(text: string, letters: number): string[] {
	const wrapped: string[] = []
	for (const word of text.split(' ')) {
		const line = wrapped.at(-1)
		if (line !== undefined && line.length + 1 + word.length <= letters)
			wrapped[wrapped.length - 1] = `${line} ${word}`
		else wrapped.push(word)
	}
	return wrapped
}

export function escapeXml(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
}
