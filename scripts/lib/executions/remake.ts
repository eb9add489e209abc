// Makes again what another machine's record describes: first the inputs that are not here, then the step itself.
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
 * What is in the data folder already is taken as it is. The rest is run with the parameters of the records, and recorded only in the
 * data folder, because the records for git have these runs.
 *
 * @returns an execution of this data folder; with other posts or other code, its bytes differ from the record's
 * @throws AppError `not-found` if a record or the posts are missing, and what the steps throw
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

/** The inputs of an execution, made again if they are not here. @throws as {@link remake} */
export async function remakeInputs(
	execution: Execution,
	effects: Effects,
): Promise<Record<string, ArtifactRef>> {
	const inputs: Record<string, ArtifactRef> = {}
	for (const [role, input] of Object.entries(await readInputs(execution, effects)))
		inputs[role] = await remakeInput(input, effects)
	return inputs
}

/** The inputs of an execution; for those that come from the database, what is there now. */
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
 * One artefact, made again if it is not here. No execution makes posts and dumps: the step finds them, or says what is missing.
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
