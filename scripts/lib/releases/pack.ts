// Makes the files of a release from its candidate: the packed model, and the files beside it.
import type { Manifest } from '../../../src/shared/manifest.ts'
import type { Effects } from '../effects.ts'
import { readExecutionModel, snapshotOf } from '../evaluation/models.ts'
import { sha256 } from '../files.ts'
import { RELEASE_FILES } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import type { FileRecord } from '../recorded-files.ts'
import { packForTransport } from '../release-files/transport.ts'
import { packUnseen } from '../unseen/pack-index.ts'
import { makeFacts } from './pack-facts.ts'

export interface ServedFiles {
	/** By name. */
	readonly files: Readonly<Record<string, Uint8Array>>
	/** What the manifest says of them. */
	readonly records: Pick<Manifest, 'model' | 'unseen' | 'tail' | 'facts'>
	/** How many labels the model has. */
	readonly labels: number
}

/**
 * @param candidate an execution of quantize
 * @throws AppError `not-found`, `damaged` if the model or the snapshot's titles have changed
 */
export async function packServedFiles(
	candidate: Execution,
	effects: Effects,
): Promise<ServedFiles> {
	const { bytes: model, labels } = await readExecutionModel(candidate, effects)
	const packed = await packForTransport(model)
	const modelFile = `${RELEASE_FILES.model}.${packed.extension}`
	const labelled = { bytes: model, labels, snapshot: snapshotOf(candidate) }
	const unseen = await packUnseen(labelled, effects)
	const { index, tail } = unseen ?? { index: null, tail: null }
	const facts = await makeFacts(labelled, effects)
	return {
		files: {
			[modelFile]: packed.bytes,
			...(index ? { [index.record.file]: index.content } : {}),
			...(tail ? { [tail.record.file]: tail.content } : {}),
			[facts.record.file]: facts.content,
		},
		records: {
			model: {
				file: modelFile,
				...describeBytes(packed.bytes),
				encoding: packed.encoding,
				decodedBytes: model.length,
				decodedSha256: sha256(model),
			},
			...(index ? { unseen: index.record } : {}),
			...(tail ? { tail: tail.record } : {}),
			facts: facts.record,
		},
		labels: labels.length,
	}
}

/** What a record says of a file with this content. */
export function describeBytes(content: string | Uint8Array): FileRecord {
	return { bytes: Buffer.byteLength(content), sha256: sha256(content) }
}
