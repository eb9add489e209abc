// Renders a report in Node. Built by scripts/lib/reports/bundle.ts.
import { render } from 'svelte/server'
import '../look.css'
import './report.css'
import Report from './Report.svelte'
import type { ReportData } from './report-data.ts'

export function renderReport(data: ReportData): string {
	return render(Report, { props: { data } }).body
}
