// `whichsub subreddits …`: what is known of subreddits beside their posts.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, checkUsage } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { checkProblemsOptions, PROBLEMS_HELP, PROBLEMS_RULE } from '../lib/posts/broken-rows.ts'
import { formatCount } from '../lib/progress.ts'
import { type ImportCounts, importSubreddits } from '../lib/subreddits/import.ts'

const NOTES = `
The file has one JSON object a line, plain or packed as .zst or .gz; - reads stdin. The fields are named as in Reddit's
listings: display_name, id and created_utc are required; subscribers, over18 and public_description are optional.
snapshot copies the numbers of subscribers, and evaluate uses them to rank large subreddits higher.

${PROBLEMS_RULE}`

export const createSubredditsCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('subreddits')
			.description('import the sizes and descriptions of subreddits')
			.addCommand(asCommand(createImport(effects))),
	)

function createImport(effects: () => Effects) {
	return new Command('import')
		.description('read names, sizes and descriptions of subreddits from a file into the database')
		.argument('<file>', 'a file of subreddits; - is stdin')
		.option('--problems <file>', PROBLEMS_HELP)
		.option('--json', 'print the counts as one JSON object')
		.addHelpText('after', NOTES)
		.action(async (file, { problems, json }, command) => {
			checkUsage(command, () => checkProblemsOptions({ problems, files: [file] }))
			const io = effects()
			const counts = await importSubreddits({ file, problems }, io)
			io.out(json ? JSON.stringify(counts) : formatCounts(counts))
		})
}

function formatCounts({ read, added, updated, broken }: ImportCounts): string {
	const line = (label: string, count: number) =>
		`${label.padEnd(30)}${formatCount(count).padStart(12)}`
	return [
		line('read', read),
		line('added', added),
		line('updated', updated),
		...(broken > 0 ? [line('left out: broken', broken)] : []),
	].join('\n')
}
