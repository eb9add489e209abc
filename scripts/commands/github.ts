// `whichsub github …`: what the workflows of this repository ask of GitHub.
import { Argument, Command } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { FileName } from '../../src/shared/schema-parts.ts'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { readAs } from '../lib/flag-values.ts'
import { comment, commitReleases, propose, start } from '../lib/github/actions.ts'

const Workflow = v.message(FileName, 'expected the name of a file in .github/workflows')

const NOTES = `
These commands are for a job of GitHub Actions, whose environment has GITHUB_TOKEN, GITHUB_REPOSITORY and, outside
github.com, GITHUB_API_URL. The permissions of the token that each command needs:

  commit   contents: write (it uses git alone)
  comment  pull-requests: write
  propose  contents: write, pull-requests: write
  start    actions: write, pull-requests: read`

export const createGitHubCommand: CreateCommand = (effects) => {
	const say = (text: string) => effects().out(text)
	return asCommand(
		new Command('github')
			.description(
				'what the workflows do on GitHub: commit, comment, open pull requests, start workflows',
			)
			.addHelpText('after', NOTES)
			.addCommand(
				asCommand(
					new Command('commit')
						.description('commit and push what a command changed in the releases')
						.action(async () => say(await commitReleases(effects()))),
				),
			)
			.addCommand(
				asCommand(
					new Command('comment')
						.description("write what a run found into its pull request's one comment")
						.requiredOption('--report <dir>', "the folder with the run's reports")
						.action(async ({ report }) => say(await comment({ reportDir: report }, effects()))),
				),
			)
			.addCommand(
				asCommand(
					new Command('propose')
						.description('open a pull request for the release that was put on staging here')
						.requiredOption('--report <dir>', 'the folder with the reports of its making')
						.action(async ({ report }) => say(await propose({ reportDir: report }, effects()))),
				),
			)
			.addCommand(
				asCommand(
					new Command('start')
						.description(
							'start a workflow, unless it is running or a release that it made is still waiting',
						)
						.addArgument(
							new Argument('<workflow>', 'its file, as in model.yml').argParser(readAs(Workflow)),
						)
						.requiredOption(
							'--if-drifted <file>',
							'only if this report of drift (drift --json) says that posts have drifted',
						)
						.action(async (workflow, { ifDrifted }) =>
							say(await start({ workflow, driftFile: ifDrifted }, effects())),
						),
				),
			),
	)
}
