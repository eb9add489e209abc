// `whichsub retrain`: posts and picks of today become a candidate in the staging channel.
import { Command, Option, type OptionValues } from '@commander-js/extra-typings'
import { AppError } from '../../src/shared/app-error.ts'
import {
	asCommand,
	type CreateCommand,
	parsePositiveInteger,
	parsePositiveNumber,
	parseShare,
} from '../lib/command.ts'
import { CHOICE_RULE } from '../lib/feedback/choose.ts'
import {
	DEFAULT_FEEDBACK_LIMITS,
	LIMITS_RULE,
	SUSPICIONS,
	type Suspicion,
} from '../lib/feedback/limits.ts'
import {
	describeRisen,
	formatPlan,
	formatRetraining,
	toRetrainingJson,
} from '../lib/retraining/format.ts'
import {
	DEFAULT_FEEDBACK_WEIGHT,
	DEFAULT_MAX_SHARE_RISE,
	planRetraining,
	retrain,
} from '../lib/retraining/retrain.ts'
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
file only with --feedback-test-share.

${LIMITS_RULE}

After the training it names the subreddits whose share of the first suggestions rose most over production's, on the same test
posts. Where one rose by more than --max-share-rise the release is published without a channel, and the command ends with 1.`

export const createRetrainCommand: CreateCommand = (effects) =>
	asCommand(
		addFeedbackOptions(addSnapshotOptions(new Command('retrain')))
			.description('train on the posts and picks of today, and publish to staging')
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
					feedbackTestShare: rest.feedbackTestShare,
					labelsFromFeedback: rest.labelsFromFeedback,
					feedbackLimits: {
						perPost: rest.feedbackPerPost,
						fileShare: rest.feedbackFileShare,
						totalShare: rest.feedbackShare,
						include: rest.feedbackInclude as Suspicion[],
					},
				}
				const { maxShareRise } = rest
				const options = { snapshot, engine, feedbackWeight, maxShareRise, why }
				if (dryRun) return io.out(formatPlan(await planRetraining(options, io)))
				const retraining = await retrain(options, io)
				io.out(
					json ? JSON.stringify(toRetrainingJson(retraining)) : formatRetraining(retraining, io),
				)
				if (retraining.risen.length > 0) throw new AppError('conflict', describeRisen(retraining))
			}),
	)

function addFeedbackOptions<Args extends unknown[], Options extends OptionValues>(
	command: Command<Args, Options>,
) {
	return command
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
		.option(
			'--feedback-per-post <number>',
			"lines that a subreddit's picks may become, for each of its training posts",
			parsePositiveNumber,
			DEFAULT_FEEDBACK_LIMITS.perPost,
		)
		.option(
			'--feedback-file-share <share>',
			'lines that the picks of one imported file may become, as a share of the training posts',
			parseShare,
			DEFAULT_FEEDBACK_LIMITS.fileShare,
		)
		.option(
			'--feedback-share <share>',
			'the same of all picks together',
			parseShare,
			DEFAULT_FEEDBACK_LIMITS.totalShare,
		)
		.addOption(
			new Option('--feedback-include <reasons...>', 'train on suspicious picks, too')
				.choices(SUSPICIONS)
				.default([...DEFAULT_FEEDBACK_LIMITS.include]),
		)
		.option(
			'--max-share-rise <share>',
			"how much a subreddit's share of the first suggestions may rise over production's",
			parseShare,
			DEFAULT_MAX_SHARE_RISE,
		)
		.option('--labels-from-feedback', 'picked titles count towards --min-posts, too', false)
}
