// A report as sections: plain text for a terminal, or GitHub's Markdown for a comment. Pure.
import { formatShare } from '../../../src/shared/numbers.ts'
import type { JudgedRule } from '../../../src/shared/report-parts.ts'
import * as plain from '../table.ts'

export interface Section {
	/** Alone, the sentence that matters most. */
	readonly title?: string
	readonly isWarning?: true
	/** Behind a click in Markdown. */
	readonly isDetail?: true
	/** Sentences, without full stops. */
	readonly says?: readonly string[]
	readonly table?: Table
}

export interface Table {
	readonly head: readonly string[]
	/** True and false say whether a rule is kept. */
	readonly rows: readonly (readonly (string | boolean)[])[]
	/** Columns of text beside the first one; the others are figures. */
	readonly text?: readonly number[]
}

/** What limits there are, and which of them are kept. */
export function sectionOfRules(
	title: string,
	rules: readonly Pick<JudgedRule, 'name' | 'passed' | 'says'>[],
): Section {
	const rows = rules.map(({ passed, name, says }) => [passed, name, says])
	return { title, table: { head: ['', 'limit', ''], rows, text: [1, 2] } }
}

export function digits(value: number): string {
	return value.toFixed(4)
}

/** Of one subreddit among thousands. */
export function percent(share: number): string {
	return formatShare(share, 2)
}

export function interval(
	{ low, high }: { readonly low: number; readonly high: number },
	format = digits,
): string {
	return `${format(low)} … ${format(high)}`
}

export function formatText(sections: readonly Section[]): string {
	return sections
		.map(({ title, isWarning, says = [], table }) =>
			[
				...(title ? [isWarning ? `warning: ${title}` : title] : []),
				...says.map((text) => (says.length > 1 ? `- ${text}` : text)),
				...(table && says.length > 0 ? [''] : []),
				...(table ? [formatPlainTable(table)] : []),
			].join('\n'),
		)
		.join('\n\n')
}

function formatPlainTable({ head, rows, text = [] }: Table): string {
	const mark = (cell: string | boolean) =>
		typeof cell === 'string' ? cell : cell ? 'ok' : 'FAILED'
	return plain.formatTable([head, ...rows.map((row) => row.map(mark))], { text })
}

/** GitHub refuses a comment with more characters. */
export const MAX_COMMENT_CHARACTERS = 65_536

const LEFT_OUT = '*The rest is left out: a comment can hold no more.*'
/** For what a caller puts before the parts. */
const SPARE_CHARACTERS = 200

/** Each section in Markdown. */
export function toMarkdown(sections: readonly Section[]): string[] {
	return sections.map(({ title = '', isWarning, isDetail, says = [], table }) => {
		const heading = escapeMarkdown(title)
		const lines = says.map(escapeMarkdown)
		const content = [
			...(lines.length > 1 ? [lines.map((line) => `- ${line}`).join('\n')] : []),
			...(lines.length === 1 ? [`${lines[0]}.`] : []),
			...(table ? [formatMarkdownTable(table)] : []),
		].join('\n\n')
		if (isWarning) return `> [!WARNING]\n> ${heading}`
		if (isDetail) return `<details><summary>${heading}</summary>\n\n${content}\n\n</details>`
		if (content === '') return `**${heading}.**`
		return title === '' ? content : `### ${heading}\n\n${content}`
	})
}

function formatMarkdownTable({ head, rows, text = [] }: Table): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
	const rule = head.map((_, column) => (column === 0 || text.includes(column) ? ':--' : '--:'))
	const mark = (cell: string | boolean) =>
		typeof cell === 'string' ? escapeMarkdown(cell) : cell ? '✅' : '❌'
	const body = rows.map((row) => line(row.map(mark)))
	return [line(head.map(escapeMarkdown)), line(rule), ...body].join('\n')
}

/** Whole parts, as many as a comment holds, and then the last one, if there is one. */
export function joinParts(parts: readonly string[], last?: string): string {
	const ends = last === undefined ? [] : [last]
	const room = MAX_COMMENT_CHARACTERS - SPARE_CHARACTERS - LEFT_OUT.length - (last?.length ?? 0)
	let length = 0
	const tooLong = parts.findIndex((part) => {
		length += part.length + 2
		return length > room
	})
	const fitting = tooLong === -1 ? parts : [...parts.slice(0, tooLong), LEFT_OUT]
	return `${[...fitting, ...ends].join('\n\n')}\n`
}

/**
 * So that a text stands there as it is, whoever wrote it: one line, no emphasis, no cell, no tag, no link, nobody is mentioned,
 * and `#12` is no issue of the repository.
 */
export function escapeMarkdown(text: string): string {
	return text
		.replace(/\s+/g, ' ')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replace(/[\\`*_[\]|~]/g, '\\$&')
		.replace(/#(?=\d)|(?<!\w)@(?=\w)|:(?=\/\/)|www(?=\.)/gi, '$&<!-- -->')
}
