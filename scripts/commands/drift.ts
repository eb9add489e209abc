// `whichsub drift`: whether new posts still look like those that a release was tested on, and what that does to its recall.
import { Command, Option } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { AppError } from '../../src/shared/app-error.ts'
import type { DriftReport } from '../../src/shared/drift-report.ts'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import { SampleParameters } from '../lib/drift/parameters.ts'
import { DATABASE, FEEDBACK } from '../lib/drift/titles.ts'
import { VERDICT_RULE } from '../lib/drift/verdict.ts'
import { asDate } from '../lib/flag-values.ts'
import { recordDrift } from '../lib/nodes/drift.ts'
import { addParameterFlags, resolveParameters } from '../lib/parameter-flags.ts'
import { readParameters } from '../lib/parameters/parameters.ts'
import { formatText } from '../lib/reports/document.ts'
import { driftSections } from '../lib/reports/drift-sections.ts'

/** The reference that a release carries itself. */
const TEST = 'test'

const NOTES = `
The reference is the release's own report on its test posts, so the posts themselves are not needed. Old reports lack the
distribution of p@1 (how sure the model is of its first suggestion) and need dumps: --reference RS_2013-06.zst.

--current takes dumps, "${DATABASE}" (without --from: its posts from the end of the reference on) or "${FEEDBACK}" (the titles
for which people made a pick). Picks don't count as labels, because people pick from what they are shown.

docs/drift.md says how every figure is computed, and what it was on real posts.

${VERDICT_RULE}`

export const createDriftCommand: CreateCommand = (effects) =>
	asCommand(
		addParameterFlags(
			new Command('drift')
				.description('measure how far new posts are from those that a release was tested on')
				.requiredOption('--release <name>', 'a version or a channel')
				.option(
					'--reference <what...>',
					`what to compare with: ${TEST} (the release's own report), or dumps`,
					[TEST],
				)
				.requiredOption('--current <what...>', `new posts: dumps, ${DATABASE} or ${FEEDBACK}`)
				.option('--from <date>', 'only titles from this day on', asDate)
				.option('--until <date>', 'only titles before this day', asDate)
				.addOption(
					new Option('--window <length>', 'also measure each month by itself').choices(['month']),
				),
			SampleParameters.entries,
		)
			.option('--fail-on-drift', 'exit with 1 if posts have drifted')
			.option('--json', 'print the whole report as one JSON object')
			.addHelpText('after', NOTES)
			.action(
				async ({ window, json, failOnDrift, from = null, until = null, ...options }, command) => {
					const io = effects()
					const { drift: limits } = await readParameters(io)
					const usual = v.parse(SampleParameters, {})
					const { values } = resolveParameters(SampleParameters.entries, usual, command)
					const isTest = options.reference.length === 1 && options.reference[0] === TEST
					const reference = isTest ? null : options.reference
					const byMonth = window === 'month'
					const { result: report, execution } = await recordDrift(
						{ ...options, ...values, reference, from, until, byMonth, ...limits },
						io,
					)
					io.out(
						json
							? JSON.stringify(report)
							: `${formatText(driftSections(report))}\n\nrecorded as #${execution.id}`,
					)
					if (failOnDrift) checkVerdict(report.verdict)
				},
			),
	)

function checkVerdict({ drifted, rules }: DriftReport['verdict']): void {
	if (!drifted) return
	const failed = rules.filter(({ passed }) => !passed).map(({ says }) => says)
	throw new AppError('drifted', `posts have drifted: ${failed.join('; ')}; retrain`)
}
