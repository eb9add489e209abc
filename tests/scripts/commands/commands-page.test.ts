// docs/commands.md: the help of all commands. Written anew by `npm run commands-page`.
import { join, resolve } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import { expect, test } from 'vitest'
import { createProgram } from '../../../scripts/main.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const PAGE = join(ROOT, 'docs/commands.md')
const COLUMNS = 120

const HEAD = `# Commands

Each command of \`npm run -s whichsub --\` with its flags, as its \`--help\` says them. Generated: change the help, then
\`npm run commands-page\`.
`

test('docs/commands.md has every command and flag as its help says them', async () => {
	const program = await createProgram([], new AbortController().signal, { env: {} })
	const commands = [program as unknown as Command, ...program.commands.flatMap(withSubcommands)]
	const list = commands.map(
		(command) => `- [${nameOf(command)}](#${anchorOf(command)}): ${command.description()}`,
	)
	const pages = commands.map(formatCommand)
	await expect([HEAD, `${list.join('\n')}\n`, ...pages].join('\n')).toMatchFileSnapshot(PAGE)
})

function withSubcommands(command: unknown): Command[] {
	const { commands } = command as Command
	return [command as Command, ...commands.flatMap(withSubcommands)]
}

/** As in `whichsub release publish`. */
function nameOf(command: Command): string {
	const { parent } = command as { readonly parent: unknown }
	return parent ? `${nameOf(parent as Command)} ${command.name()}` : command.name()
}

function anchorOf(command: Command): string {
	return nameOf(command).replaceAll(' ', '-')
}

function formatCommand(command: Command): string {
	let text = ''
	command.configureOutput({
		writeOut: (part) => {
			text += part
		},
		getOutHelpWidth: () => COLUMNS,
		getOutHasColors: () => false,
	})
	command.outputHelp()
	return `## ${nameOf(command)}\n\n\`\`\`text\n${text.replaceAll(`${ROOT}/`, '').trimEnd()}\n\`\`\`\n`
}
