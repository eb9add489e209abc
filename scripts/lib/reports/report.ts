// `report`: figures as a file that people look at, as a summary for a pull request, or beside the releases.
import { join, relative, resolve } from 'node:path'
import type { ReportData } from '../../../src/charts/report/report-data.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { FIGURES_FOLDER } from '../../../src/shared/published-figures.ts'
import type { Effects } from '../effects.ts'
import { writeFileAtomic } from '../files.ts'
import { escapeMarkdown, joinParts, toMarkdown } from './document.ts'
import { collectTitles } from './example-titles.ts'
import { MAX_HTML_BYTES, renderHtml } from './html.ts'
import { openFile } from './open-file.ts'
import { publishFigures } from './publish-figures.ts'
import { sectionsOf } from './sections.ts'
import { type ReportSource, type ReportSubject, readReportSource } from './sources.ts'

const REPORTS_FOLDER = 'reports'

export interface ReportOptions extends ReportSubject {
	/** The HTML file; in the folder of local data where it is not named. */
	readonly out?: string | undefined
	/** Prints a summary in Markdown; writes the file only where `out` names one. */
	readonly markdown: boolean
	/** Puts the figures beside the releases; writes the file only where `out` names one. */
	readonly publish: boolean
	/**
	 * Shows titles of posts behind the bars of the file, which then is not for publication: from these dumps, or where there are
	 * none from the model's own test posts.
	 */
	readonly titles?: readonly string[] | undefined
}

/** What people are told: the summary, or where things lie. @throws AppError `not-found`, `bad-input`, `bad-data` */
export async function report(options: ReportOptions, effects: Effects): Promise<string> {
	checkTitles(options, effects)
	const source = await readReportSource(options, effects)
	if (options.publish) effects.err(await publish(source, effects))
	if (options.out) effects.err(`the report is in ${await writeHtml(source, options, effects)}`)
	if (options.markdown) return formatMarkdown(source.data).trimEnd()
	if (options.out || options.publish) return ''
	const out = join(effects.dataDir, REPORTS_FOLDER, fileName(source.data, options))
	const path = await writeHtml(source, { ...options, out }, effects)
	return (await openFile(path, effects)) ? `opened ${path}` : `the report is in ${path}`
}

/** For a comment on a pull request. */
export function formatMarkdown(data: ReportData): string {
	return joinParts([`## ${escapeMarkdown(data.heading)}`, ...toMarkdown(sectionsOf(data))])
}

/** @throws AppError `bad-input` where titles would go to where people publish from */
function checkTitles(
	{ titles, publish, markdown, out }: ReportOptions,
	{ modelsDir }: Pick<Effects, 'modelsDir'>,
): void {
	if (!titles) return
	const refuse = (what: string) => {
		throw new AppError(
			'bad-input',
			`titles: ${what}, and posts' titles are never published; leave --titles out`,
		)
	}
	if (publish) refuse('--publish puts figures beside the releases')
	if (markdown) refuse('--markdown is for comments')
	if (out && !relative(modelsDir, resolve(out)).startsWith('..'))
		refuse(`${out} is in the folder of releases`)
}

async function publish({ data, publishable }: ReportSource, effects: Effects): Promise<string> {
	if (!publishable)
		throw new AppError(
			'bad-input',
			`${data.heading}: nothing to publish; only a recorded comparison of two releases, or drift, can be published`,
		)
	const { file } = await publishFigures(publishable, effects)
	return `published ${join(effects.modelsDir, FIGURES_FOLDER, file)}`
}

/** @returns the file's full path. @throws AppError `bad-data` where it would be too large */
async function writeHtml(
	{ data, models }: ReportSource,
	{ out = '', titles }: Pick<ReportOptions, 'out' | 'titles'>,
	effects: Effects,
): Promise<string> {
	const figures = await renderHtml(data)
	const html = titles
		? await renderHtml(await addTitles(data, { models, dumps: titles, html: figures }, effects))
		: figures
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

/** What else a file with titles has: what it says of them, and escapes in them. */
const SPARE_BYTES = 50_000

/** @param html the file without titles: they may take what it leaves of the largest size */
async function addTitles(
	data: ReportData,
	{ models, dumps, html }: { models: readonly string[]; dumps: readonly string[]; html: string },
	effects: Effects,
): Promise<ReportData> {
	if (data.kind !== 'evaluation' && data.kind !== 'comparison')
		throw new AppError(
			'bad-input',
			`titles: ${data.heading} has none; only the bars of an evaluation or a comparison have titles behind them`,
		)
	const bytes = MAX_HTML_BYTES - Buffer.byteLength(html) - SPARE_BYTES
	return { ...data, titles: await collectTitles({ models, dumps, bytes }, effects) }
}

/** As in `release-20200602.0.html`. */
function fileName({ heading }: ReportData, { titles }: Pick<ReportOptions, 'titles'>): string {
	const name = heading.toLowerCase().replace(/[^a-z0-9.]+/g, '-')
	const what = titles ? '-with-titles' : ''
	return `${name.replace(/^-|-$/g, '').slice(0, 100)}${what}.html`
}
