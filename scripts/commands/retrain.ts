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
Runs snapshot, train, quantize and evaluate, compares the result with production on the same posts, and publishes it to
the staging channel. Production does not change: look at the comparison, then run release promote.

${CHOICE_RULE}
Each picked title becomes --feedback-weight training lines, because it says more about today's visitors than one of
millions of posts. A subreddit becomes a label by its posts alone, and picks of other subreddits are left out and counted;
with --labels-from-feedback each picked title counts as one post towards --min-posts. Picks are never validated on, and
are tested on only with --feedback-test-share.

${LIMITS_RULE}

After the training, the subreddits whose share of first suggestions rose most against production, on the same test posts,
are listed. If one rose by more than --max-share-rise, the release is published but no channel serves it, and the exit
code is 1.`

export const createRetrainCommand: CreateCommand = (effects) =>
	asCommand(
		addFeedbackOptions(addSnapshotOptions(new Command('retrain')))
			.description('train a new release on all current posts and picks, for the staging channel')
			.addOption(
				new Option(
					'--engine <name>',
					'engine to train with, and its defaults (default: engine and parameters of production or, without one, of the latest model)',
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
			'how many training lines each picked title becomes',
			parsePositiveInteger,
			DEFAULT_FEEDBACK_WEIGHT,
		)
		.option(
			'--feedback-test-share <share>',
			'share of the picked titles to test on instead of training on them',
			parseShare,
			0,
		)
		.option(
			'--feedback-per-post <number>',
			'at most this many lines from picks for each training post of a subreddit',
			parsePositiveNumber,
			DEFAULT_FEEDBACK_LIMITS.perPost,
		)
		.option(
			'--feedback-file-share <share>',
			'at most this many lines from one imported file, as a share of all training posts',
			parseShare,
			DEFAULT_FEEDBACK_LIMITS.fileShare,
		)
		.option(
			'--feedback-share <share>',
			'at most this many lines from all picks, as a share of all training posts',
			parseShare,
			DEFAULT_FEEDBACK_LIMITS.totalShare,
		)
		.addOption(
			new Option('--feedback-include <reasons...>', 'train on these suspicious picks, too')
				.choices(SUSPICIONS)
				.default([...DEFAULT_FEEDBACK_LIMITS.include]),
		)
		.option(
			'--max-share-rise <share>',
			"publish to staging only if no subreddit's share of first suggestions rises more",
			parseShare,
			DEFAULT_MAX_SHARE_RISE,
		)
		.option('--labels-from-feedback', 'count picked titles towards --min-posts, too', false)
}
