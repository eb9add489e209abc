// `whichsub report`: figures as a file with charts, or as a summary for a pull request.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { report } from '../lib/reports/report.ts'

const NOTES = `
What to report on:
  20200602.0, staging, #56   the evaluation of a release or of a candidate
  20200602.0..#81            two of them side by side
  drift                      new posts beside those that a release was tested on
  use                        what people picked

The file needs no network and no server: it holds its figures, its charts, and the numbers behind each chart. It can be
read without scripts; with them, tables can be sorted and searched.`

export const createReportCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('report')
			.description('charts of an evaluation, a comparison, drift or use, in one HTML file')
			.argument('<subject>', 'a release or a candidate, two as A..B, "drift" or "use"')
			.option('--out <file>', 'the HTML file; without it, one in the data folder that is opened')
			.option('--pictures <dir>', 'write each chart as an SVG file into this folder')
			.option('--markdown', 'print a summary for the comment of a pull request')
			.option(
				'--publish',
				'put a recorded comparison of two releases, or drift, beside the releases: the page shows it',
			)
			.option('--figures <file>', 'what the measuring command printed with --json')
			.addHelpText('after', NOTES)
			.action(async (subject, { markdown = false, publish = false, ...options }) => {
				const io = effects()
				const text = await report({ subject, markdown, publish, ...options }, io)
				if (text !== '') io.out(text)
			}),
	)
