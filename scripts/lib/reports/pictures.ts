// The charts of a report as SVG files of their own, for documents: with their finding, in the colours of who looks. Node.
import { composePicture } from '../../../src/charts/picture.ts'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { loadReportProgram } from './bundle.ts'

/** Each chart by its name, as in `p1`. */
export async function renderPictures(data: ReportData): Promise<ReadonlyMap<string, string>> {
	const { render, css } = await loadReportProgram()
	const pictures = new Map<string, string>()
	for (const { id, finding, note, legend, drawing } of listCharts(render(data)))
		pictures.set(
			id,
			composePicture({
				content: drawing.content,
				width: drawing.width,
				height: drawing.height,
				finding,
				note,
				legend,
				css,
				colours: { paper: 'var(--paper)', ink: 'var(--ink)', quiet: 'var(--quiet)' },
				font: 'ui-sans-serif, system-ui, sans-serif',
			}),
		)
	return pictures
}

/** What `ChartFrame.svelte` writes: the figure, its words, the key, and the wide drawing first. */
const FIGURE =
	/<figure[^>]* aria-labelledby="([^"]+)-finding">.*?<h3[^>]*>(.*?)<\/h3>\s*<p[^>]*>(.*?)<\/p>(.*?)<svg viewBox="0 0 ([\d.]+) ([\d.]+)" class="wide[^>]*>(.*?)<\/svg>/gs
const PIECE = /<svg[^>]*( class="[^"]*")[^>]*>(.*?)<\/svg>(.*?)<\/li>/gs

function* listCharts(html: string) {
	for (const match of html.replace(/<!--.*?-->/gs, '').matchAll(FIGURE)) {
		const [, id = '', finding = '', note = '', key = '', width, height, marks] = match
		// A root of its own, so that the rules for what is inside a chart's svg hold.
		const content = `<svg width="${width}" height="${height}" overflow="visible">${marks}</svg>`
		yield {
			id,
			finding: unescapeHtml(finding),
			note: unescapeHtml(note),
			legend: [...key.matchAll(PIECE)].map(([, looks = '', mark = '', label = '']) => ({
				looks,
				mark,
				label: unescapeHtml(label),
			})),
			drawing: { content, width: Number(width), height: Number(height) },
		}
	}
}

/** What Svelte escapes in a text. */
function unescapeHtml(text: string): string {
	return text.replaceAll('&lt;', '<').replaceAll('&amp;', '&').trim()
}
