// Runs one command line: 0 done, 1 an expected failure in one line, 2 wrong usage with the command's help; a bug shows its stack.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, CommanderError } from '@commander-js/extra-typings'
import { AppError } from '../src/shared/app-error.ts'
import { commands } from './commands/index.ts'
import { type Effects, PARAMETERS_PATH, processEffects } from './lib/effects.ts'

const EXIT_EXPECTED_FAILURE = 1
const EXIT_WRONG_USAGE = 2
export const EXIT_INTERRUPTED = 130

const ENVIRONMENT = `
Environment:
  WHICHSUB_DATA, WHICHSUB_MODELS   defaults of --data and --models
  WHICHSUB_RECORDS                 default of --records
  WHICHSUB_PARAMETERS              default of --parameters
  WHICHSUB_DATABASE_URL            a libSQL server to use instead of posts.db in the data folder; or ClickHouse, for
                                   posts: clickhouse://USER@HOST/DATABASE (clickhouse+http:// without TLS)
  WHICHSUB_DATABASE_TOKEN          the access token of that server, or the password of that user
  WHICHSUB_LIBSQL_URL, _TOKEN      with posts in ClickHouse: a libSQL server for lists, picks and collectors

Exit codes: 0 done, 1 expected failure, 2 wrong usage, 130 interrupted.`

/** Ctrl-C, a request to end, a terminal that was closed. A second one ends the process at once. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** First on a command line they are about all commands. */
const HELP: ReadonlySet<string> = new Set(['help', '--help', '-h'])

const ROOT = resolve(import.meta.dirname, '..')
const DATA = resolve(ROOT, '.data')
const RECORDS = resolve(ROOT, 'executions')

/** Data that lies elsewhere is no part of this checkout, and nor are its records. */
function findRecords(named: string | undefined, isOwnData: boolean): string | undefined {
	if (named !== undefined) return resolve(named)
	return isOwnData && existsSync(RECORDS) ? RECORDS : undefined
}

/**
 * @param override replaces effects, for tests
 * @returns the exit code
 */
export async function main(
	args: readonly string[],
	override: Partial<Effects> = {},
): Promise<number> {
	const interrupt = new AbortController()
	const onInterrupt = () => interrupt.abort()
	for (const signal of SIGNALS) process.once(signal, onInterrupt)
	try {
		const program = await createProgram(args, interrupt.signal, override)
		await program.parseAsync(args, { from: 'user' })
		return 0
	} catch (error) {
		return reportError(error, override.err ?? ((text) => process.stderr.write(`${text}\n`)))
	} finally {
		for (const signal of SIGNALS) process.off(signal, onInterrupt)
	}
}

/** What of the commands a command line may mean: those that it names anywhere, or all, of which the help tells. */
function namedCommands(args: readonly string[]): readonly string[] {
	const names = Object.keys(commands)
	const named = names.filter((name) => args.includes(name))
	const isAboutAll = named.length === 0 || HELP.has(args[0] ?? '')
	return isAboutAll ? names : named
}

/** The commands that a command line may mean: all without one. Nothing runs before one is parsed. */
export async function createProgram(
	args: readonly string[],
	signal: AbortSignal,
	override: Partial<Effects>,
) {
	const env = override.env ?? process.env
	const program = new Command('whichsub')
		.description(
			'Turn posts into released models: collect, train, measure, publish, learn from feedback.',
		)
		.option('--data <dir>', 'folder of the local data', env.WHICHSUB_DATA ?? DATA)
		.option(
			'--models <dir>',
			'folder of the releases',
			env.WHICHSUB_MODELS ?? resolve(ROOT, 'public/models'),
		)
		.option(
			'--records <dir>',
			'folder for the records of executions that git sees (default: executions beside the code, if it is there and --data is not given)',
		)
		.option(
			'--parameters <file>',
			'parameters of the steps; flags of a command override them for one run',
			env.WHICHSUB_PARAMETERS ?? PARAMETERS_PATH,
		)
		.helpCommand(true)
		.addHelpText('after', ENVIRONMENT)
	// Made when a command runs, because the global options are known only then.
	const effects = (): Effects => {
		const { data, models, records, parameters } = program.opts()
		const folders = {
			dataDir: resolve(data),
			modelsDir: resolve(models),
			recordsDir: findRecords(records ?? env.WHICHSUB_RECORDS, data === DATA),
			parametersFile: {
				path: resolve(parameters),
				isNamed: parameters !== PARAMETERS_PATH,
			},
		}
		return { ...processEffects(folders, signal), ...override }
	}
	for (const name of namedCommands(args)) {
		const create = await commands[name]?.()
		if (create) program.addCommand(create(effects))
	}
	for (const command of withSubcommands(program)) prepareCommand(command, override)
	return program
}

function prepareCommand(command: Command, { out, err }: Partial<Effects>): void {
	command.exitOverride().showHelpAfterError()
	command.configureOutput({
		writeOut: (text) => (out ? out(text.trimEnd()) : process.stdout.write(text)),
		writeErr: (text) => (err ? err(text.trimEnd()) : process.stderr.write(text)),
	})
}

function withSubcommands(command: Command): Command[] {
	return [command, ...(command.commands as unknown as Command[]).flatMap(withSubcommands)]
}

function reportError(error: unknown, err: (text: string) => void): number {
	if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USAGE
	if (error instanceof AppError) {
		err(`whichsub: ${error.message}`)
		return error.code === 'aborted' ? EXIT_INTERRUPTED : EXIT_EXPECTED_FAILURE
	}
	err(error instanceof Error ? (error.stack ?? error.message) : String(error))
	err('whichsub: this is a bug; please report it with the lines above')
	return EXIT_EXPECTED_FAILURE
}
