// Records of schema 1, as the first releases' steps wrote them, read as those of today. Pure.
import * as v from 'valibot'
import { Count, Parameters, Sha256 } from '../../../src/shared/schema-parts.ts'
import { sha256 } from '../files.ts'
import {
	type ArtifactKind,
	type ArtifactRef,
	digestFiles,
	FileRecord,
	MODEL_FILES,
} from './artifacts.ts'
import { ExecutionRecord } from './execution-schema.ts'

/** Held the hash of a snapshot among the files that its step had made. */
const SNAPSHOT_ENTRY = 'snapshot'
const RELEASE_NAME = /^release (\S+)$/
const SNAPSHOT_NAME = /^test posts of snapshot ([0-9a-f]+)$/

const OLD_STEPS = ['snapshot', 'train', 'quantize', 'evaluate', 'compare', 'publish'] as const
type OldStepName = (typeof OLD_STEPS)[number]

const { id, code, metrics, start, end, machine } = ExecutionRecord.entries
const step = v.picklist(OLD_STEPS)
const OldRecord = v.object({
	...{ schema: v.literal(1), id, step, code, metrics, start, end, machine },
	/** A snapshot's hash, the engine and the model that a training started from stood among them as text. */
	parameters: Parameters,
	overridden: v.optional(v.array(v.string())),
	parents: v.array(Count),
	inputs: v.array(FileRecord),
	outputs: v.array(FileRecord),
})
type OldRecord = v.InferOutput<typeof OldRecord>

/** A record of either schema, as one of today. */
export const ReadableRecord = v.variant('schema', [
	ExecutionRecord,
	v.pipe(OldRecord, v.transform(adaptRecord)),
])

function adaptRecord(old: OldRecord): ExecutionRecord {
	const { parents: _, outputs: __, ...kept } = old
	const outputs = old.outputs.filter(({ name }) => name !== SNAPSHOT_ENTRY)
	return {
		...kept,
		schema: 2,
		uid: null,
		ending: { how: 'done' },
		parameters: ownParameters(old),
		overridden: old.overridden ?? [],
		inputs: inputsOf(old),
		output: { kind: OUTPUTS[old.step], name: outputName(old), sha256: outputDigest(old, outputs) },
		outputs,
		used: null,
	}
}

const OUTPUTS: { readonly [step in OldStepName]: ArtifactKind } = {
	snapshot: 'snapshot',
	train: 'model',
	quantize: 'quantized',
	evaluate: 'evaluation',
	compare: 'comparison',
	publish: 'release',
}

/** Those that are inputs now. */
const MOVED: { readonly [step in OldStepName]?: readonly string[] } = {
	train: ['snapshot', 'init'],
	quantize: ['snapshot', 'engine'],
	evaluate: ['snapshot', 'model', 'posts'],
	compare: ['a', 'b', 'posts'],
}

/** Trainings of before there were these had none of them. */
const ADDED: { readonly [step in OldStepName]?: ExecutionRecord['parameters'] } = {
	train: { dilution: 0, pieces: 0 },
}

function ownParameters({ step, parameters }: OldRecord): ExecutionRecord['parameters'] {
	const own = Object.entries(parameters).filter(([name]) => !MOVED[step]?.includes(name))
	return { ...ADDED[step], ...Object.fromEntries(own) }
}

function outputName({ step, id, outputs }: OldRecord): string {
	if (step === 'snapshot') return snapshotName(snapshotHash(outputs))
	if (step === 'publish') return outputs[0]?.name.split('/')[0] ?? `#${id}`
	return `#${id}`
}

function outputDigest({ step, outputs }: OldRecord, files: readonly FileRecord[]): string {
	return step === 'snapshot' ? snapshotHash(outputs) : digestFiles(files)
}

function snapshotHash(outputs: readonly FileRecord[]): string {
	return outputs.find(({ name }) => name === SNAPSHOT_ENTRY)?.sha256 ?? sha256('')
}

/** As people call a snapshot. */
export function snapshotName(hash: string): string {
	return hash.slice(0, 12)
}

function inputsOf(old: OldRecord): ExecutionRecord['inputs'] {
	const { step, inputs, parents, parameters } = old
	const [first, second, ...rest] = inputs
	const parent = (at: number) => (parents[at] === undefined ? null : `${parents[at]}`)
	switch (step) {
		case 'snapshot':
			return {}
		case 'train': {
			const isFromScratch = parameters.init === undefined
			// With one parent of two nobody knows which of them it is.
			const isKnown = isFromScratch || parents.length > 1
			const snapshot = refSnapshot(old, first ? [first] : [], isKnown ? parent(0) : null)
			if (isFromScratch) return snapshot
			const name = String(parameters.init)
			return { ...snapshot, init: refModel(second, name, parent(1)) }
		}
		case 'quantize':
			return {
				model: refModel(first, `#${parents[0]}`, parent(0)),
				...refSnapshot(old, second ? [second] : [], null),
			}
		case 'evaluate': {
			const name = String(parameters.model ?? `#${parents[0]}`)
			const posts = refPosts(parameters, second ? [second, ...rest] : [])
			return { model: refModel(first, name, parent(0)), posts }
		}
		case 'compare': {
			const isOf = (name: string) => {
				const number = /^execution #(\d+)$/.exec(name)?.[1] ?? null
				return refModel(name === parameters.a ? first : second, name, number)
			}
			const models = { a: isOf(String(parameters.a)), b: isOf(String(parameters.b)) }
			return { ...models, posts: refPosts(parameters, rest) }
		}
		case 'publish':
			return {
				model: refModel(first, '', null),
				evaluation: ref('evaluation', `#${parents[0]}`, inputs.slice(1), parent(0)),
			}
	}
}

function ref(
	kind: ArtifactKind,
	name: string,
	files: readonly FileRecord[],
	execution: string | null,
): ArtifactRef {
	return { kind, name, sha256: digestFiles(files), execution, files: [...files] }
}

function refModel(
	file: FileRecord | undefined,
	name: string,
	execution: string | null,
): ArtifactRef {
	const version = RELEASE_NAME.exec(name)?.[1]
	const kind = version ? 'release' : file?.name === MODEL_FILES.model ? 'model' : 'quantized'
	const called = version ?? name.replace(/^execution /, '')
	return ref(kind, called, file ? [file] : [], execution)
}

function refSnapshot(
	{ parameters }: OldRecord,
	files: readonly FileRecord[],
	execution: string | null,
): { readonly snapshot: ArtifactRef } {
	const hash = v.parse(Sha256, parameters.snapshot)
	const snapshot = ref('snapshot', snapshotName(hash), files, execution)
	return { snapshot: { ...snapshot, sha256: hash } }
}

/** An evaluation of a model on its own snapshot named it by its hash, all others the posts in words. */
function refPosts(
	{ snapshot, posts }: OldRecord['parameters'],
	files: readonly FileRecord[],
): ArtifactRef {
	if (typeof snapshot === 'string')
		return { ...ref('snapshot', snapshotName(snapshot), files, null), sha256: snapshot }
	const name = String(posts)
	const ofSnapshot = SNAPSHOT_NAME.exec(name)?.[1]
	// Only the first digits of the hash were written down.
	if (ofSnapshot) return { ...ref('snapshot', ofSnapshot, files, null), sha256: null }
	return ref('dumps', name, files, null)
}
