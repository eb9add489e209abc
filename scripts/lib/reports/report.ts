// `report`: figures as a file that people look at, or as a summary for a pull request. Node.
import { join, resolve } from 'node:path'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { writeFileAtomic } from '../files.ts'
import { MAX_HTML_BYTES, renderHtml } from './html.ts'
import { formatMarkdown } from './markdown.ts'
import { openFile } from './open-file.ts'
import { type ReportSubject, readReportData } from './sources.ts'

const REPORTS_FOLDER = 'reports'

export interface ReportOptions extends ReportSubject {
	/** The HTML file; in the folder of local data where it is not named. */
	readonly out?: string | undefined
	/** Prints a summary in Markdown; writes the file only where `out` names one. */
	readonly markdown: boolean
}

/** What people are told: the summary, or where the file lies. @throws AppError `not-found`, `bad-input`, `bad-data` */
export async function report(options: ReportOptions, effects: Effects): Promise<string> {
	const data = await readReportData(options, effects)
	if (options.out || !options.markdown) {
		const path = resolve(options.out ?? join(effects.dataDir, REPORTS_FOLDER, fileName(data)))
		await writeFileAtomic(path, await renderWithin(data))
		if (!options.markdown) {
			const isOpen = options.out === undefined && (await openFile(path, effects))
			return isOpen ? `opened ${path}` : `the report is in ${path}`
		}
	}
	return formatMarkdown(data).trimEnd()
}

async function renderWithin(data: ReportData): Promise<string> {
	const html = await renderHtml(data)
	const bytes = Buffer.byteLength(html)
	if (bytes <= MAX_HTML_BYTES) return html
	throw new AppError(
		'bad-data',
		`report has ${bytes} bytes, more than ${MAX_HTML_BYTES}; compare on fewer subreddits`,
	)
}

/** As in `release-20200602.0.html`. */
function fileName({ heading }: ReportData): string {
	const name = heading.toLowerCase().replace(/[^a-z0-9.]+/g, '-')
	return `${name.replace(/^-|-$/g, '')}.html`
}
