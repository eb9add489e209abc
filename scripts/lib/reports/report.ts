// `report`: figures as a file that people look at, as a summary for a pull request, or beside the releases. Node.
import { join, resolve } from 'node:path'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { FIGURES_FOLDER } from '../../../src/shared/published-figures.ts'
import type { Effects } from '../effects.ts'
import { writeFileAtomic } from '../files.ts'
import { MAX_HTML_BYTES, renderHtml } from './html.ts'
import { formatMarkdown } from './markdown.ts'
import { openFile } from './open-file.ts'
import { renderPictures } from './pictures.ts'
import { publishFigures } from './publish-figures.ts'
import { type ReportSource, type ReportSubject, readReportSource } from './sources.ts'

const REPORTS_FOLDER = 'reports'

export interface ReportOptions extends ReportSubject {
	/** The HTML file; in the folder of local data where it is not named. */
	readonly out?: string | undefined
	/** A folder for each chart as an SVG file of its own. */
	readonly pictures?: string | undefined
	/** Prints a summary in Markdown; writes the file only where `out` names one. */
	readonly markdown: boolean
	/** Puts the figures beside the releases; writes the file only where `out` names one. */
	readonly publish: boolean
}

/** What people are told: the summary, or where things lie. @throws AppError `not-found`, `bad-input`, `bad-data` */
export async function report(options: ReportOptions, effects: Effects): Promise<string> {
	const source = await readReportSource(options, effects)
	if (options.publish) effects.err(await publish(source, effects))
	if (options.out) effects.err(`the report is in ${await writeHtml(source.data, options.out)}`)
	if (options.pictures) effects.err(await writePictures(source.data, options.pictures))
	if (options.markdown) return formatMarkdown(source.data).trimEnd()
	if (options.out || options.publish || options.pictures) return ''
	const path = await writeHtml(
		source.data,
		join(effects.dataDir, REPORTS_FOLDER, fileName(source.data)),
	)
	return (await openFile(path, effects)) ? `opened ${path}` : `the report is in ${path}`
}

async function publish({ data, publishable }: ReportSource, effects: Effects): Promise<string> {
	if (!publishable)
		throw new AppError(
			'bad-input',
			`${data.heading}: nothing to publish; a comparison that was recorded and drift can be`,
		)
	const { file } = await publishFigures(publishable, effects)
	return `published ${join(effects.modelsDir, FIGURES_FOLDER, file)}`
}

async function writePictures(data: ReportData, dir: string): Promise<string> {
	const pictures = await renderPictures(data)
	for (const [name, svg] of pictures) await writeFileAtomic(join(resolve(dir), `${name}.svg`), svg)
	return `${resolve(dir)} has ${[...pictures.keys()].map((name) => `${name}.svg`).join(', ')}`
}

/** @returns the file's full path. @throws AppError `bad-data` where it would be too large */
async function writeHtml(data: ReportData, out: string): Promise<string> {
	const html = await renderHtml(data)
	const bytes = Buffer.byteLength(html)
	if (bytes > MAX_HTML_BYTES)
		throw new AppError(
			'bad-data',
			`report has ${bytes} bytes, more than ${MAX_HTML_BYTES}; report on fewer subreddits`,
		)
	const path = resolve(out)
	await writeFileAtomic(path, html)
	return path
}

/** As in `release-20200602.0.html`. */
function fileName({ heading }: ReportData): string {
	const name = heading.toLowerCase().replace(/[^a-z0-9.]+/g, '-')
	return `${name.replace(/^-|-$/g, '').slice(0, 100)}.html`
}
