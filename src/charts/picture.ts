// A chart as a file of its own: the finding above it, what was measured, a background. Pure.

export interface Picture {
	/** What stands between `<svg>` and `</svg>`. */
	readonly content: string
	readonly width: number
	readonly height: number
	readonly finding: string
	readonly note: string
	readonly legend?: readonly LegendPiece[]
	readonly colours: { readonly paper: string; readonly ink: string; readonly quiet: string }
	readonly font: string
}

/** The key's piece of a mark is as wide and high as `Legend.svelte` draws it. */
export interface LegendPiece {
	/** What stands between `<svg>` and `</svg>`, with its looks. */
	readonly mark: string
	readonly label: string
}

const EDGE = 16
/** Mean width of a letter in parts of the type's size; a little wide, so that no line is cut. */
const FINDING = { size: 15, leading: 1.35, letter: 0.6 }
const NOTE = { size: 11, leading: 1.45, letter: 0.55 }
const LEGEND_HEIGHT = 18

export function composePicture(picture: Picture): string {
	const { content, width, height, colours, font, legend = [] } = picture
	const finding = wrap(picture.finding, width / (FINDING.size * FINDING.letter))
	const note = wrap(picture.note, width / (NOTE.size * NOTE.letter))
	const belowFinding = EDGE + finding.length * FINDING.size * FINDING.leading
	const belowNote = belowFinding + note.length * NOTE.size * NOTE.leading + 6
	const key = placeLegend(legend, width)
	const top = Math.round(belowNote + (key.rows > 0 ? key.rows * LEGEND_HEIGHT + 6 : 6))
	const size = { width: width + 2 * EDGE, height: Math.ceil(top + height + EDGE) }
	const ink = `fill="${escapeXml(colours.ink)}" font-weight="600"`
	const quiet = `fill="${escapeXml(colours.quiet)}"`
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="${escapeXml(picture.finding)}" font-family="${escapeXml(font)}">`,
		`<rect width="100%" height="100%" fill="${escapeXml(colours.paper)}"/>`,
		...lines(finding, { y: EDGE + FINDING.size, ...FINDING }, ink),
		...lines(note, { y: belowFinding + NOTE.size + 2, ...NOTE }, quiet),
		...key.pieces.map(
			({ x, y, mark, label }) =>
				`<svg x="${EDGE + x}" y="${Math.round(belowNote + y)}" width="18" height="12">${mark}</svg><text x="${EDGE + x + 24}" y="${Math.round(belowNote + y + 10)}" font-size="${NOTE.size}" ${quiet}>${escapeXml(label)}</text>`,
		),
		`<g transform="translate(${EDGE} ${top})">${content}</g>`,
		'</svg>\n',
	].join('')
}

/** The pieces of the key beside each other, in as many rows as they need. */
function placeLegend(legend: readonly LegendPiece[], width: number) {
	let [x, row] = [0, 0]
	const pieces = legend.map((piece) => {
		const wide = 24 + piece.label.length * NOTE.size * NOTE.letter + 16
		if (x > 0 && x + wide > width) {
			x = 0
			row += 1
		}
		const placed = { ...piece, x: Math.round(x), y: row * LEGEND_HEIGHT }
		x += wide
		return placed
	})
	return { pieces, rows: pieces.length === 0 ? 0 : row + 1 }
}

function lines(
	texts: readonly string[],
	{ y, size, leading }: { y: number; size: number; leading: number },
	looks: string,
): string[] {
	return texts.map(
		(text, index) =>
			`<text x="${EDGE}" y="${Math.round(y + index * size * leading)}" font-size="${size}" ${looks}>${escapeXml(text)}</text>`,
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

function escapeXml(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
}
