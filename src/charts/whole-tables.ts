// Whether long tables are written whole at first: in a file, so that they are there without scripts.
import { getContext, setContext } from 'svelte'

const WHOLE_TABLES = Symbol('whole tables')

export function writeTablesWhole(): void {
	setContext(WHOLE_TABLES, true)
}

export function areTablesWhole(): boolean {
	return getContext(WHOLE_TABLES) === true
}
