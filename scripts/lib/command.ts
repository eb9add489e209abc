// What a command module exports, and what several commands share.
import type { Command } from '@commander-js/extra-typings'
import { AppError } from '../../src/shared/app-error.ts'
import type { Effects } from './effects.ts'

/** Makes one command; `effects` is called when the command runs. */
export type CreateCommand = (effects: () => Effects) => Command

/** Fits a typed command (arguments and options of its own) into the table of commands. */
export function asCommand(command: unknown): Command {
	return command as Command
}

/** Options that contradict each other are wrong usage, as a wrong one is: whatever `check` finds ends with the help and 2. */
export function checkUsage(command: { error(message: string): never }, check: () => void): void {
	try {
		check()
	} catch (error) {
		if (error instanceof AppError && error.code === 'bad-input')
			command.error(`error: ${error.message}`)
		throw error
	}
}

/** Part of the help of a command whose options the parameters file has, too. */
export const PARAMETERS_NOTE =
	'Defaults are those of whichsub.yaml (--parameters); where it says nothing, those named above.'
