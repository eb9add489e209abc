// `whichsub snapshot`: training, validation and test files from the database.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { type MadeSnapshot, makeSnapshot } from '../lib/nodes/snapshot.ts'
import { addParameterFlags } from '../lib/parameter-flags.ts'
import { readParameters } from '../lib/parameters/parameters.ts'
import { SnapshotParameters } from '../lib/snapshot/parameters.ts'
import { formatCounts } from '../lib/snapshot/report.ts'
import { resolveSnapshot, SNAPSHOT_NOTES } from './snapshot-options.ts'

export const createSnapshotCommand: CreateCommand = (effects) =>
	asCommand(
		addParameterFlags(new Command('snapshot'), SnapshotParameters.entries)
			.description('make training, validation and test files from the database')
			.option('--json', 'print hash, folder, execution and counts as one JSON object')
			.addHelpText('after', SNAPSHOT_NOTES)
			.action(async ({ json }, command) => {
				const io = effects()
				const { snapshot } = await readParameters(io)
				const made = await makeSnapshot(resolveSnapshot(snapshot, command), io)
				io.out(json ? JSON.stringify(summarize(made)) : formatSnapshot(made))
			}),
	)

function summarize({ snapshot, dir, execution }: MadeSnapshot) {
	const { hash, split, counts, from, until, testFrom, testUntil } = snapshot
	return { hash, dir, execution: execution.id, split, from, until, testFrom, testUntil, counts }
}

function formatSnapshot({ snapshot, dir, execution }: MadeSnapshot): string {
	return [formatCounts(snapshot), `execution #${execution.id}`, dir].join('\n')
}
