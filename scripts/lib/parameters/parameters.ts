// The parameters of all steps: whichsub.yaml, which is reviewed like code; what a flag overrides for one run; the defaults.
import * as v from 'valibot'
import type { CompareParameters } from '../comparison/compare.ts'
import { ComparisonParameters, GateParameters, Groups } from '../comparison/parameters.ts'
import { DriftParameters } from '../drift/parameters.ts'
import type { Effects } from '../effects.ts'
import { EvaluationParameters } from '../evaluation/parameters.ts'
import { exists, readTextFile } from '../files.ts'
import { PolicyParameters } from '../policy/parameters.ts'
import { ReleasesParameters } from '../release-files/parameters.ts'
import { RetrainingParameters } from '../retraining/parameters.ts'
import { SnapshotParameters } from '../snapshot/parameters.ts'
import { QuantizeParameters, TrainParameters } from '../trainer/parameters.ts'
import { parseYamlWith } from '../yaml.ts'

/** An empty section is one with every default, as where all of its lines are commented out. */
const section = <Schema extends v.GenericSchema>(schema: Schema, description: string) =>
	v.pipe(v.optional(v.nullish(schema, {}), {}), v.description(description))

export const ParametersFile = v.strictObject({
	snapshot: section(SnapshotParameters, 'Which posts become training, validation and test files.'),
	policy: section(PolicyParameters, 'Which subreddits may be suggested: docs/policy.md.'),
	train: section(TrainParameters, 'How a snapshot becomes a model.'),
	quantize: section(QuantizeParameters, 'How a model becomes one of a few megabytes.'),
	evaluate: section(EvaluationParameters, 'How figures are reported.'),
	compare: section(
		ComparisonParameters,
		'On which posts two models are compared, beside the test posts.',
	),
	groups: v.pipe(
		Groups,
		v.description('Named groups of subreddits whose recall is watched together.'),
	),
	gate: section(GateParameters, 'Limits that a release must keep before production serves it.'),
	drift: section(DriftParameters, 'Limits beyond which a release no longer fits what people post.'),
	retrain: section(RetrainingParameters, 'How much picks weigh in a retraining.'),
	releases: section(ReleasesParameters, 'Where releases may be kept: docs/bucket.md.'),
})
export type ParametersFile = v.InferOutput<typeof ParametersFile>

/**
 * The parameters of this checkout; every default where there is no file.
 *
 * @throws AppError `bad-data` that names line, path and what is allowed; `not-found` for a file that somebody asked for
 */
export async function readParameters({
	parametersFile: { path, isNamed },
}: Pick<Effects, 'parametersFile'>): Promise<ParametersFile> {
	if (!isNamed && !(await exists(path))) return v.parse(ParametersFile, {})
	return parseYamlWith(ParametersFile, await readTextFile(path, 'parameters'), path)
}

/** What a comparison takes of several sections. */
export function comparisonParameters({
	evaluate: { minPosts },
	compare,
	groups,
	gate,
}: ParametersFile): CompareParameters {
	return { minPosts, ...compare, groups, gate }
}
