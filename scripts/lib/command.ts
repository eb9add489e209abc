// What a command module exports, and the parsers of option values that several commands share.
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings'
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

/** `2013-06-01` → Unix seconds of that day's start in UTC. */
export function parseDate(text: string): number {
	const milliseconds = Date.parse(`${text}T00:00:00Z`)
	// Date.parse takes 30 February for 2 March.
	const day = Number.isNaN(milliseconds) ? '' : new Date(milliseconds).toISOString().slice(0, 10)
	if (day !== text) throw new InvalidArgumentError('Expected a date like 2013-06-01.')
	return milliseconds / 1000
}

export function parsePositiveInteger(text: string): number {
	const number = Number(text)
	if (!/^\d+$/.test(text) || number < 1 || !Number.isSafeInteger(number))
		throw new InvalidArgumentError('Expected a whole number from 1.')
	return number
}

export function parseWholeNumber(text: string): number {
	const number = Number(text)
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
		throw new InvalidArgumentError('Expected a whole number from 0.')
	return number
}

/** A TCP port; 0 asks the system for a free one. */
export function parsePort(text: string): number {
	const number = Number(text)
	if (!/^\d+$/.test(text) || number > 65_535)
		throw new InvalidArgumentError('Expected a port from 1 to 65535, or 0 for any free one.')
	return number
}

export function parsePositiveNumber(text: string): number {
	const number = Number(text)
	if (text.trim() === '' || !Number.isFinite(number) || number <= 0)
		throw new InvalidArgumentError('Expected a number above 0.')
	return number
}

/** A share between 0 and 1, both included. */
export function parseShare(text: string): number {
	const number = Number(text)
	if (text.trim() === '' || !Number.isFinite(number) || number < 0 || number > 1)
		throw new InvalidArgumentError('Expected a number from 0 to 1.')
	return number
}
