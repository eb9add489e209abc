// `whichsub retrain`: posts and picks of today become a candidate in the staging channel.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, parsePositiveInteger, parseShare } from '../lib/command.ts'
import { CHOICE_RULE } from '../lib/feedback/choose.ts'
import { formatPlan, formatRetraining, toRetrainingJson } from '../lib/retraining/format.ts'
import { DEFAULT_FEEDBACK_WEIGHT, planRetraining, retrain } from '../lib/retraining/retrain.ts'
import { engineNames } from '../lib/trainer/engines.ts'
import { dryRunOption, whyOption } from './release-options.ts'
import { addSnapshotOptions, SNAPSHOT_NOTES, toSnapshotOptions } from './snapshot-options.ts'

const NOTES = `
Runs snapshot, train, quantize and evaluate, compares with production on the same posts, and publishes to the staging
channel. Production stays as it is: look at the comparison, then run release promote.

${CHOICE_RULE}
Each is --feedback-weight lines of the training file: a pick says what people ask today, and is one among millions of
posts. Posts alone make a subreddit a label: picked titles of another one are left out and counted, or with
--labels-from-feedback count towards --min-posts, each once. Feedback is never in the validation file, and in the test
file only with --feedback-test-share.`

export const createRetrainCommand: CreateCommand = (effects) =>
	asCommand(
		addSnapshotOptions(new Command('retrain'))
			.description('train on the posts and picks of today, and publish to staging')
			.option(
				'--feedback-weight <number>',
				'lines of the training file that a picked title becomes',
				parsePositiveInteger,
				DEFAULT_FEEDBACK_WEIGHT,
			)
			.option(
				'--feedback-test-share <share>',
				'of the picked titles, for the test file in place of the training file',
				parseShare,
				0,
			)
			.option('--labels-from-feedback', 'picked titles count towards --min-posts, too', false)
			.addOption(
				new Option(
					'--engine <name>',
					'what trains, with its defaults (default: as production was trained or, before, the latest model)',
				).choices(engineNames),
			)
			.addOption(whyOption('retrained'))
			.addOption(dryRunOption())
			.option('--json', 'print one JSON object')
			.addHelpText('after', `${SNAPSHOT_NOTES}\n${NOTES}`)
			.action(async ({ json, dryRun, engine, feedbackWeight, why, ...rest }, command) => {
				const io = effects()
				const snapshot = {
					...toSnapshotOptions(rest, command),
					extrasTestShare: rest.feedbackTestShare,
					labelsFromExtras: rest.labelsFromFeedback,
				}
				const options = { snapshot, engine, feedbackWeight, why }
				if (dryRun) return io.out(formatPlan(await planRetraining(options, io)))
				const retraining = await retrain(options, io)
				io.out(
					json ? JSON.stringify(toRetrainingJson(retraining)) : formatRetraining(retraining, io),
				)
			}),
	)
