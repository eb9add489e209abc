// A report as one HTML file: readable without scripts, asks nobody for anything, runs nothing but its own program.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
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
<script type="application/gzip" id="figures">${packFigures(data)}</script>
<script type="module">${program}</script>
</body>
</html>
`
}

/** Of thousands of subreddits they are megabytes, and of their table, which is there for those without scripts, as much again. */
function packFigures(data: ReportData): string {
	return gzipSync(JSON.stringify(data), { level: 9 }).toString('base64')
}

function hashSource(text: string): string {
	return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function escapeHtml(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
