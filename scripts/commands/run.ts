// `whichsub run`: the steps of the pipeline, and of these only what changed.
import { Argument, Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { formatGarbage, formatRun } from '../lib/run/format.ts'
import { findGarbage, removeGarbage } from '../lib/run/garbage.ts'
import { PIPELINE_STEPS } from '../lib/run/pipeline.ts'
import { runPipeline, withRunLock } from '../lib/run/run.ts'

const NOTES = `
A step runs again only if its inputs, its parameters in whichsub.yaml or its code have changed. Its code is every module that
the step imports, without comments, layout and types, and the locked versions of packages.

What was made with other parameters, or at another commit, is taken from the store in the data folder. --store shares it: a
folder, file:///folder, or s3://bucket/prefix with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_SESSION_TOKEN and AWS_REGION, and AWS_ENDPOINT_URL for a server that is not Amazon's.

whichsub.lock records what made what; commit it. docs/pipeline.md says how to read it.`

export const createRunCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('run')
			.description('run the steps of the pipeline whose inputs, parameters or code changed')
			.addArgument(
				new Argument('[step]', 'the last step to run')
					.choices(PIPELINE_STEPS)
					.default('compare' as const),
			)
			.option('--dry-run', 'only say which steps would run, and why', false)
			.option('--store <url>', 'a store shared between machines, to take from and to add to')
			.addOption(
				new Option(
					'--gc',
					'clear the store of what no lock, commit or release needs; with --dry-run only list it',
				).conflicts('store'),
			)
			.option('--json', 'print one JSON object')
			.addHelpText('after', NOTES)
			.action(async (step, { dryRun, store, gc, json }) => {
				const io = effects()
				if (gc) return collectGarbage({ dryRun, json }, io)
				const steps = await runPipeline({ step, dryRun, store }, io)
				io.out(json ? JSON.stringify({ dryRun, steps }) : formatRun(steps, { dryRun }))
			}),
	)

async function collectGarbage(
	{ dryRun, json }: { readonly dryRun: boolean; readonly json?: true | undefined },
	effects: Effects,
): Promise<void> {
	await withRunLock(effects, async () => {
		const garbage = await findGarbage(effects)
		const { runs, bytes, kept } = garbage
		if (json) {
			const executions = runs.map(({ id, step }) => ({ id, step }))
			effects.out(
				JSON.stringify({ dryRun, runs: executions, files: garbage.paths.length, bytes, kept }),
			)
		} else effects.out(formatGarbage(garbage, { dryRun }))
		if (!dryRun) await removeGarbage(garbage)
	})
}
