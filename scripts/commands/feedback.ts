// `whichsub feedback …`: imports what people picked on the page, and exports what retraining uses of it.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, checkUsage } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { CHOICE_RULE } from '../lib/feedback/choose.ts'
import { EXPORT_FORMATS, exportFeedback, readPickSources, readUse } from '../lib/feedback/export.ts'
import { formatImport, formatSources } from '../lib/feedback/format.ts'
import { importFeedback } from '../lib/feedback/import.ts'
import { AMENDMENT_RULE } from '../lib/feedback/table.ts'
import { CANARY_RULE } from '../lib/feedback/use.ts'
import {
	checkAllRead,
	checkProblemsOptions,
	PROBLEMS_HELP,
	PROBLEMS_RULE,
} from '../lib/posts/broken-rows.ts'
import { formatText } from '../lib/reports/document.ts'
import { useSections } from '../lib/reports/use-sections.ts'

const IMPORT_NOTES = `
${PROBLEMS_RULE}

A line is broken if its time lies more than a day ahead of this machine's clock. In titles, control characters become
spaces, and unpaired surrogates become U+FFFD.

${AMENDMENT_RULE}`

export const createFeedbackCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('feedback')
			.description('import what people picked, and export what retraining uses')
			.addCommand(asCommand(createImport(effects)))
			.addCommand(asCommand(createExport(effects)))
			.addCommand(asCommand(createStats(effects)))
			.addCommand(asCommand(createSources(effects))),
	)

function createImport(effects: () => Effects) {
	return new Command('import')
		.description('import files that the page exported; each pick is kept once, by its id')
		.argument('<files...>', 'JSON Lines, as they are or packed with .zst or .gz; - is stdin')
		.option('--problems <file>', PROBLEMS_HELP)
		.option('--json', 'print the counts as one JSON object')
		.addHelpText('after', IMPORT_NOTES)
		.action(async (files, { problems, json }, command) => {
			checkUsage(command, () => checkProblemsOptions({ problems, files }))
			const io = effects()
			const { counts, failed } = await importFeedback({ files, problems }, io)
			io.out(json ? JSON.stringify(counts) : formatImport(counts))
			checkAllRead(failed, files.length)
		})
}

function createExport(effects: () => Effects) {
	return new Command('export')
		.description('print what retraining uses, or every pick')
		.addOption(
			new Option('--format <name>', 'fasttext: training titles; jsonl: every pick as it came')
				.choices(EXPORT_FORMATS)
				.default('fasttext' as const),
		)
		.addHelpText('after', `\n${CHOICE_RULE}`)
		.action(({ format }) => exportFeedback(format, effects()))
}

function createStats(effects: () => Effects) {
	return new Command('stats')
		.description('show how often people took one of the five, by release, channel and month')
		.option('--json', 'print one JSON object')
		.addHelpText('after', `\n${CANARY_RULE}`)
		.action(async ({ json }) => {
			const io = effects()
			const report = await readUse(io)
			io.out(json ? JSON.stringify(report) : formatText(useSections(report)))
		})
}

function createSources(effects: () => Effects) {
	return new Command('sources')
		.description(
			'list where the picks came from: imported files, and what pages sent (serve --collect)',
		)
		.option('--json', 'print one JSON list')
		.action(async ({ json }) => {
			const io = effects()
			const sources = await readPickSources(io)
			io.out(json ? JSON.stringify(sources) : formatSources(sources))
		})
}
