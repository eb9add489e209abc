// The steps around the trainer: a snapshot becomes a model, a model becomes a small one.
import { join } from 'node:path'
import { joinModelFile } from '../../../src/model/evidence/evidence-file.ts'
import { readModel } from '../../../src/model/fasttext/read.ts'
import { labelName } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { buildEvidence } from '../evidence/build-evidence.ts'
import { describeFile, readBytes, writeFileAtomic } from '../files.ts'
import { MODEL_FILES } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { findOutput, readMaker } from '../pipeline/outputs.ts'
import { declareStep } from '../pipeline/step.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import {
	type FoundSnapshot,
	findSnapshotFile,
	hasSnapshotFile,
	readSnapshotOf,
} from '../snapshot/read-snapshot.ts'
import { OLDER_PARTS, type TextName } from '../snapshot/snapshot-schema.ts'
import { findEvidenceTexts } from './evidence-texts.ts'
import { QuantizeParameters, RecordedTraining, type TrainParameters } from './parameters.ts'
import type { TrainJob } from './trainer.ts'
import { wasmTrainer } from './wasm.ts'

const CHECKPOINT_FILE = 'training.checkpoint'

/** Trains on a snapshot; the folder then holds the model. */
export const trainStep = declareStep({
	name: 'train',
	inputs: { snapshot: { kinds: ['snapshot'] } },
	output: 'model',
	section: 'train',
	parameters: RecordedTraining,
	indifferent: ['threads'],
	entry: import.meta.filename,
	async work({ inputs, parameters, dir }, effects) {
		const outputFile = join(dir, MODEL_FILES.model)
		const found = await readSnapshotOf(inputs.snapshot, effects)
		const job = {
			...(await findTexts(found, parameters)),
			outputFile,
			parameters,
			// Not in the step's own folder: that goes when the step fails.
			checkpointFile: join(effects.dataDir, CHECKPOINT_FILE),
		}
		const metrics = await wasmTrainer.train(job, effects)
		return { files: [await describeFile(outputFile)], metrics, result: parameters }
	},
})

/** Makes a trained model small; the folder then holds that. */
export const quantizeStep = declareStep({
	name: 'quantize',
	inputs: { model: { kinds: ['model'] }, snapshot: { kinds: ['snapshot'] } },
	output: 'quantized',
	section: 'quantize',
	parameters: QuantizeParameters,
	indifferent: ['threads'],
	entry: import.meta.filename,
	async work({ inputs, parameters, dir }, effects) {
		const maker = await readMaker(inputs.model, effects)
		const training = readRecipe(maker)
		const found = await readSnapshotOf(inputs.snapshot, effects)
		const outputFile = join(dir, MODEL_FILES.quantized)
		const job = {
			modelFile: await checkRecordedFile(findOutput(maker, MODEL_FILES.model, effects)),
			...(await findTexts(found, training)),
			outputFile,
			parameters: leaveRoom(parameters),
			training,
		}
		const metrics = await wasmTrainer.quantize(job, effects)
		const evidence = await addEvidence(outputFile, found, parameters)
		const files = [await describeFile(outputFile)]
		return { files, metrics: { ...metrics, ...evidence }, result: parameters }
	},
})

/** What is learnt of a snapshot; not every one has older posts. */
async function findTexts(
	found: FoundSnapshot,
	{ learnOlder }: TrainParameters,
): Promise<Pick<TrainJob, 'trainFile' | 'olderFiles'>> {
	const parts = learnOlder ? OLDER_PARTS.filter((part) => hasSnapshotFile(found, part)) : []
	const read = (part: TextName) => checkRecordedFile(findSnapshotFile(found, part))
	return { trainFile: await read('train'), olderFiles: await Promise.all(parts.map(read)) }
}

/** What fastText's part may take where a table of evidence comes beside it. */
function leaveRoom(parameters: QuantizeParameters): QuantizeParameters {
	const { maxBytes, evidenceBytes } = parameters
	if (evidenceBytes === 0) return parameters
	if (evidenceBytes >= maxBytes)
		throw new AppError(
			'bad-input',
			`evidenceBytes: ${evidenceBytes} of maxBytes ${maxBytes} leave nothing for the model`,
		)
	return { ...parameters, maxBytes: maxBytes - evidenceBytes }
}

/** Makes the table of evidence and puts it behind the quantised model. @returns figures for the record */
async function addEvidence(
	file: string,
	found: FoundSnapshot,
	{ evidenceBytes }: QuantizeParameters,
): Promise<Readonly<Record<string, number>>> {
	if (evidenceBytes === 0) return {}
	const fastText = await readBytes(file, 'model')
	const labels = readModel(fastText).labels.map(({ bytes }) =>
		labelName(Buffer.from(bytes, 'latin1').toString('utf8')),
	)
	const texts = await findEvidenceTexts(found)
	const evidence = await buildEvidence({ texts, labels, maxBytes: evidenceBytes })
	await writeFileAtomic(file, joinModelFile({ fastText, evidence }))
	return { evidenceBytes: evidence.length }
}

/** The recipe of a training. @throws AppError `bad-data` for a record that does not say it */
export function readRecipe({ id, parameters }: Execution): TrainParameters {
	return parseWith(RecordedTraining, parameters, `parameters of execution #${id}`)
}
