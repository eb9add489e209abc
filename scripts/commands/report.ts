// `whichsub report`: figures as a file with charts, or as a summary for a pull request.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { report } from '../lib/reports/report.ts'

const NOTES = `
What to report on:
  20200602.0, staging, #56   the evaluation of a release or of a candidate
  20200602.0..#81            two of them side by side
  drift                      new posts beside those that a release was tested on
  use                        what people picked

The file needs no network and no server: it holds its figures, its charts, and the numbers behind each chart. It can be
read without scripts; with them, tables can be sorted and searched. It holds figures only; with --titles, for your own eyes,
a click on a bar or on a subreddit shows some titles, and what the model says to them.`

export const createReportCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('report')
			.description('charts of an evaluation, a comparison, drift or use, in one HTML file')
			.argument('<subject>', 'a release or a candidate, two as A..B, "drift" or "use"')
			.option('--out <file>', 'the HTML file; without it, one in the data folder that is opened')
			.option('--markdown', 'print a summary for the comment of a pull request')
			.option(
				'--publish',
				'also store a recorded comparison of two releases, or drift, beside the releases, so that the page shows it',
			)
			.option('--figures <file>', 'report on what the measuring command printed with --json')
			.addOption(
				new Option(
					'--titles [dumps...]',
					"also show titles behind the bars, from dumps or the model's own test posts; the file is then not for publication",
				).conflicts(['publish', 'markdown']),
			)
			.addHelpText('after', NOTES)
			.action(async (subject, { markdown = false, publish = false, titles, ...options }) => {
				const io = effects()
				const named = { titles: titles === true ? [] : titles || undefined }
				const text = await report({ subject, markdown, publish, ...named, ...options }, io)
				if (text !== '') io.out(text)
			}),
	)
