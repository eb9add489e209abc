// Makes again what another machine's record says was made: its step, and before it the steps of those inputs that are not here.
import * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { make } from '../graph/make.ts'
import { findStep } from '../nodes/steps.ts'
import { withCurrentList } from '../nodes/unseen.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import { type Execution, outputRef } from '../pipeline/execution-schema.ts'
import { readExecution } from '../pipeline/executions.ts'
import { findCopy } from '../pipeline/outputs.ts'
import { RecordedParameters } from '../snapshot/recorded-parameters.ts'
import { readSources } from '../snapshot/sources.ts'

/**
 * What a data folder has already is taken as it is. The rest is run with the parameters of the records, and recorded in the data
 * folder alone: the records that git sees have these runs.
 *
 * @returns an execution of this data folder; by other posts or other code it has other bytes than the one of the record
 * @throws AppError `not-found` where a record or the posts are missing, and what the steps throw
 */
export async function remake(execution: Execution, effects: Effects): Promise<Execution> {
	const copy = await findCopy(execution, effects)
	if (copy) return copy
	const step = findStep(execution)
	const inputs = await remakeInputs(execution, effects)
	const run = { inputs, parameters: v.parse(step.parameters, execution.parameters) as object }
	effects.err(`making #${execution.id} again: ${execution.step} …`)
	return make(step, run, { ...effects, recordsDir: undefined })
}

/** What an execution was made from, made again where it is not here. @throws as {@link remake} */
export async function remakeInputs(
	execution: Execution,
	effects: Effects,
): Promise<Record<string, ArtifactRef>> {
	const inputs: Record<string, ArtifactRef> = {}
	for (const [role, input] of Object.entries(await readInputs(execution, effects)))
		inputs[role] = await remakeInput(input, effects)
	return inputs
}

/** What an execution was made from; of what steps read from the database, what is there now. */
export async function readInputs(
	{ step, inputs, parameters }: Execution,
	effects: Effects,
): Promise<Readonly<Record<string, ArtifactRef>>> {
	if (step === 'snapshot') {
		const { posts, picks } = await readSources(v.parse(RecordedParameters, parameters), effects)
		return { posts: posts.ref, ...(picks ? { picks: picks.ref } : {}) }
	}
	return step === 'unseen' ? withCurrentList(inputs, effects) : inputs
}

/**
 * One artefact, made again where it is not here. Posts and dumps were made by no execution: the step finds them, or says
 * what is missing.
 *
 * @throws as {@link remake}
 */
export async function remakeInput(input: ArtifactRef, effects: Effects): Promise<ArtifactRef> {
	if (input.execution === null) return input
	const made = outputRef(await remake(await readExecution(effects, input.execution), effects))
	const wanted = new Set(input.files.map(({ name }) => name))
	const { twinOf } = input
	const files = made.files.filter(({ name }) => wanted.has(name))
	return { ...made, files, ...(twinOf ? { twinOf } : {}) }
}
