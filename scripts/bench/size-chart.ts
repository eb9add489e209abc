// Draws recall@5 against the size of a model, one line for each way to make it small: an SVG for README, light and dark.
import { scaleLinear, scaleLog } from 'd3-scale'

const [WIDTH, HEIGHT] = [680, 340]
const MARGIN = { top: 16, right: 132, bottom: 42, left: 52 }
const TICKS_MB = [1, 2, 4, 8, 16]

export interface SizePoint {
	/** As a model goes over the wire: packed, or after gzip where it is none of ours. */
	readonly bytes: number
	readonly recall5: number
}

export interface SizeLine {
	readonly name: string
	/** From small to large. */
	readonly points: readonly SizePoint[]
	/** Of the full-precision model that the points were made from. */
	readonly full: number
}

/** @param lines at most two: the second is drawn dashed */
export function drawSizes(lines: readonly SizeLine[]): string {
	const values = lines.flatMap(({ points, full }) => [...points.map((p) => p.recall5), full])
	const x = scaleLog([0.8e6, 20e6], [MARGIN.left, WIDTH - MARGIN.right])
	const y = scaleLinear(
		[Math.min(...values), Math.max(...values)],
		[HEIGHT - MARGIN.bottom, MARGIN.top],
	).nice()
	const grid = y.ticks(6).map((value) => {
		const at = y(value).toFixed(1)
		return `<path class="grid" d="M${MARGIN.left} ${at}H${WIDTH - MARGIN.right}"/><text x="${MARGIN.left - 8}" y="${at}" dy=".32em" text-anchor="end">${value.toFixed(2)}</text>`
	})
	const ticks = TICKS_MB.map(
		(mb) =>
			`<text x="${x(mb * 1e6).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${mb} MB</text>`,
	)
	const drawn = lines.map(({ name, points, full }, index) => {
		const places = points.map(
			({ bytes, recall5 }) => `${x(bytes).toFixed(1)} ${y(recall5).toFixed(1)}`,
		)
		const dots = places.map((place) => {
			const [cx, cy] = place.split(' ')
			return `<circle class="l${index}" cx="${cx}" cy="${cy}" r="3.5"/>`
		})
		const label = `<text class="name l${index}" x="${WIDTH - MARGIN.right + 8}"`
		const last = y(points.at(-1)?.recall5 ?? full)
		const top = y(full)
		return [
			`<path class="line l${index}" d="M${places.join('L')}"/>`,
			...dots,
			`<path class="full l${index}" d="M${MARGIN.left} ${top.toFixed(1)}H${WIDTH - MARGIN.right}"/>`,
			`${label} y="${(last - top > 14 || top - last > 14 ? last : top + 14).toFixed(1)}" dy=".32em">${name}</text>`,
			`${label} y="${top.toFixed(1)}" dy=".32em">full precision</text>`,
		].join('\n')
	})
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="recall@5 against size on the wire">
<style>
text{font:12px system-ui,sans-serif;fill:#57534e}.grid{stroke:#e7e5e4}.line{fill:none;stroke-width:2}.full{stroke-dasharray:2 4}
.l0{stroke:#c2410c}circle.l0{fill:#c2410c}.l1{stroke:#57534e}circle.l1{fill:#57534e}.line.l1{stroke-dasharray:6 4}
text.l0{stroke:none;fill:#c2410c;font-weight:600}text.l1{stroke:none}
@media(prefers-color-scheme:dark){text{fill:#a8a29e}.grid{stroke:#44403c}.l0{stroke:#fb923c}circle.l0{fill:#fb923c}.l1{stroke:#a8a29e}circle.l1{fill:#a8a29e}text.l0{fill:#fb923c}}
</style>
${[...grid, ...ticks, ...drawn].join('\n')}
<text x="${MARGIN.left}" y="${HEIGHT - 6}">bytes on the wire (ours packed, fastText’s after gzip); recall@5 on posts of the month after the training</text>
</svg>
`
}
