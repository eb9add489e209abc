// A report as one HTML file: readable without scripts, asks nobody for anything, runs nothing but its own program.
import { createHash } from 'node:crypto'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { loadReportProgram } from './bundle.ts'

/** A file of this size opens at once and goes through every mail. */
export const MAX_HTML_BYTES = 2_000_000

export async function renderHtml(data: ReportData): Promise<string> {
	const { render, script, css } = await loadReportProgram()
	// An end tag inside would end the element early; in a string of a script this is the same text.
	const program = script.replaceAll('</script', '<\\/script')
	const policy = [
		"default-src 'none'",
		`script-src '${hashSource(program)}'`,
		`style-src '${hashSource(css)}'`,
		"base-uri 'none'",
		"form-action 'none'",
	].join('; ')
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">${'titles' in data ? '\n<meta name="robots" content="noindex">' : ''}
<title>${escapeHtml(data.heading)} · whichsub</title>
<style>${css}</style>
</head>
<body>
<div id="report">${render(data)}</div>
<script type="application/json" id="figures">${formatJson(data)}</script>
<script type="module">${program}</script>
</body>
</html>
`
}

/** JSON that no HTML parser takes for a tag or a comment. */
function formatJson(data: ReportData): string {
	return JSON.stringify(data).replaceAll('<', '\\u003c')
}

function hashSource(text: string): string {
	return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function escapeHtml(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
