// `whichsub retrain`: posts and picks of today become a candidate in the staging channel.
import { basename } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import { AppError } from '../../src/shared/app-error.ts'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { LIMITS_RULE } from '../lib/feedback/admit.ts'
import { CHOICE_RULE } from '../lib/feedback/choose.ts'
import { addParameterFlags, resolveParameters } from '../lib/parameter-flags.ts'
import {
	comparisonParameters,
	type ParametersFile,
	readParameters,
} from '../lib/parameters/parameters.ts'
import {
	describeRisen,
	formatPlan,
	formatRetraining,
	toRetrainingJson,
} from '../lib/retraining/format.ts'
import { RetrainingParameters } from '../lib/retraining/parameters.ts'
import type { Recipe } from '../lib/retraining/recipe.ts'
import { planRetraining, retrain } from '../lib/retraining/retrain.ts'
import { SnapshotParameters } from '../lib/snapshot/parameters.ts'
import { dryRunOption, whyOption } from './release-options.ts'
import { resolveSnapshot, SNAPSHOT_NOTES } from './snapshot-options.ts'

const FLAGS = { ...SnapshotParameters.entries, ...RetrainingParameters.entries }

const LIMIT = { maxShareRise: RetrainingParameters.entries.maxShareRise }

const NOTES = `
Runs snapshot, train, quantize, adjust and evaluate, compares the result with production on the same posts, and publishes it
to the staging channel. Production does not change: look at the comparison, then run release promote.

${CHOICE_RULE}
Each picked title becomes --feedback-weight training lines, because it says more about today's visitors than one of
millions of posts. A subreddit becomes a label by its posts alone, and picks of other subreddits are left out and counted;
with --labels-from-feedback each picked title counts as one post towards --min-posts. Picks are never validated on, and
are tested on only with --feedback-test-share.

${LIMITS_RULE}

After the training, the subreddits whose share of first suggestions rose most against production, on the same test posts,
are listed. If one rose by more than --max-share-rise, the release is published but no channel serves it, and the exit
code is 1.

With --refit, the candidate is measured and compared, but another model is published: the same recipe, trained again on all
posts until the end of the test window. The release says that its figures are those of its twin, the candidate. If a
subreddit rose too much, or recall@5 fell by more than chance and perhaps by more than the gate allows (recallMargin),
the candidate itself is published.

The dates of whichsub.yaml are for snapshot only. Without flags, a retraining tests on the newest posts, or with split:
newest on the newest of each subreddit.`

export const createRetrainCommand: CreateCommand = (effects) =>
	asCommand(
		addParameterFlags(new Command('retrain'), FLAGS)
			.description('train a new release on all current posts and picks, for the staging channel')
			.addOption(
				new Option(
					'--recipe <whose>',
					"whose parameters: production's (without one, the latest model's), so that the posts alone differ, or those of the parameters file",
				)
					.choices(['production', 'parameters'])
					.default('production'),
			)
			.option(
				'--refit',
				'if the candidate is good, train its recipe once more on all posts, test posts included, and publish that with the figures of the candidate',
				false,
			)
			.option(
				'--measure-unseen',
				'measure unseen.recall@5 of the candidate, too: it takes one more training (subreddits index --measure)',
				false,
			)
			.addOption(whyOption('retrained'))
			.addOption(dryRunOption())
			.option('--json', 'print one JSON object')
			.addHelpText('after', `${SNAPSHOT_NOTES}\n${NOTES}`)
			.action(async ({ json, dryRun, recipe: whose, ...options }, command) => {
				const io = effects()
				const file = await readParameters(io)
				const { maxShareRise: usual, ...picks } = file.retrain
				const { values } = resolveParameters(LIMIT, { maxShareRise: usual }, command)
				const plan = {
					...options,
					...values,
					snapshot: resolveSnapshot({ ...file.snapshot, ...picks }, command, { isOpen: true }),
					recipe: whose === 'parameters' ? toRecipe(file, io) : undefined,
					comparison: comparisonParameters(file),
					recallMargin: file.gate.recallMargin,
				}
				if (dryRun) return io.out(formatPlan(await planRetraining(plan, io)))
				const retraining = await retrain(plan, io)
				io.out(
					json ? JSON.stringify(toRetrainingJson(retraining)) : formatRetraining(retraining, io),
				)
				if (retraining.risen.length > 0) throw new AppError('conflict', describeRisen(retraining))
			}),
	)

function toRecipe({ train, quantize }: ParametersFile, { parametersFile }: Effects): Recipe {
	return { like: basename(parametersFile.path), train, quantize }
}
