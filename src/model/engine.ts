// fastText's WebAssembly core, wrapped so that it leaks no memory. Pure: worker and Node each bring their own build of it.
import { AppError, errorMessage } from '../shared/app-error.ts'
import { type Evidence, readEvidence, splitModelFile } from './evidence/evidence-file.ts'
import { EVIDENCE_CANDIDATES, EvidenceTable } from './evidence/weigh-evidence.ts'
import { isWord } from './normalize.ts'
import { paddingOf, padTitle } from './padding.ts'
import { labelName } from './training-text.ts'
import { WordTable } from './word-table.ts'

const MODEL_PATH = 'model'
/** Any number; the engine has no other device. */
const DEVICE_MAJOR = 64

/** What we use of an instance that the factory of `fasttext.wasm.js/dist/core` makes (its own types are faulty). */
export interface EngineModule {
	readonly FS: {
		makedev(major: number, minor: number): number
		registerDevice(device: number, operations: { read: ReadDevice }): void
		mkdev(path: string, device: number): void
		unlink(path: string): void
	}
	readonly FastText: new () => NativeModel
}

/** Copies up to `length` bytes from `position` on into `target`. @returns how many; 0 at the end */
type ReadDevice = (
	stream: unknown,
	target: Uint8Array,
	offset: number,
	length: number,
	position: number,
) => number

interface Deletable {
	delete(): void
}

interface NativeVector<T> extends Deletable {
	size(): number
	get(index: number): T
}

/** A pair is [probability, label]; embind may hand it out as an array or as an object that wants deletion. */
type NativePair = Partial<Deletable> & { readonly 0: number; readonly 1: string }

interface NativeModel extends Deletable {
	loadModel(path: string): void
	predict(text: string, k: number, threshold: number): NativeVector<NativePair>
	getWordId(word: string): number
	getLabels(): readonly [NativeVector<string>, NativeVector<number>]
}

/** A label without its prefix, and the engine's raw probability for it, in [0, 1]. */
export interface Prediction {
	readonly label: string
	readonly score: number
}

/** How much of a title a model has learnt. */
export interface Knowledge {
	readonly words: number
	readonly knownWords: number
}

/**
 * How many words of a title a model has learnt: none where none has a vector. A rare word that only the table of evidence has, as
 * a typo that two titles share, would else decide with certainty.
 */
export function countKnown(
	words: readonly string[],
	model: Pick<Engine, 'knows' | 'hasVector'>,
): Knowledge {
	const isKnown = words.some((word) => model.hasVector(word))
	return {
		words: words.length,
		knownWords: isKnown ? words.filter((word) => model.knows(word)).length : 0,
	}
}

/** What fastText makes of a probability: it computes exp(log(p + 1e-5)), so that a sure label gets a little more than 1. */
export const PROBABILITY_OFFSET = 1e-5

/**
 * One loaded model.
 *
 * The engine itself notices no damage: check length and digest of the bytes first. After any error that it throws, give
 * up its memory (terminate the worker).
 */
export class Engine {
	/** Zero vectors that the model counts in the mean of a title. */
	readonly padding: number
	/** What single words say, where the model has such a table. */
	readonly evidence: EvidenceTable | null
	/** The words that it has learnt. */
	readonly table: WordTable
	readonly #model: NativeModel

	private constructor(model: NativeModel, table: WordTable, evidence: Evidence | null) {
		this.#model = model
		this.table = table
		this.padding = paddingOf((token) => model.getWordId(token) !== -1)
		this.evidence = evidence && new EvidenceTable(evidence, this.labels())
	}

	/** @param bytes a `.bin` or `.ftz` file, with its evidence or without @throws AppError `damaged` where fastText refuses it */
	static load(module: EngineModule, bytes: Uint8Array): Engine {
		const { fastText, evidence: part } = splitModelFile(bytes)
		const evidence = part && readEvidence(part)
		const table = WordTable.read(fastText, evidence?.words)
		const unmount = mountFile(module, fastText)
		const model = new module.FastText()
		try {
			model.loadModel(MODEL_PATH)
			return new Engine(model, table, evidence)
		} catch (error) {
			model.delete()
			if (error instanceof AppError) throw error
			throw new AppError(
				'damaged',
				`the engine can't read the model: ${errorMessage(error)}`,
				error,
			)
		} finally {
			unmount()
		}
	}

	/**
	 * The `count` most probable labels of a normalised title, most probable first.
	 *
	 * An empty or unknown text gets a confident-looking default answer; `predictKnown` gives none.
	 */
	predict(normalized: string, count: number): Prediction[] {
		if (!Number.isSafeInteger(count) || count < 1)
			throw new RangeError(`count of predictions: ${count}; expected a whole number from 1`)
		return this.rerank(
			normalized,
			this.predictByVectors(normalized, this.candidatesFor(count)),
			count,
		)
	}

	/** How many of fastText's predictions are reranked for so many of {@link predict}. */
	candidatesFor(count: number): number {
		return this.evidence ? Math.max(count, EVIDENCE_CANDIDATES) : count
	}

	/** What {@link predict} makes of fastText's predictions, wherever they come from. @param candidates most probable first */
	rerank(normalized: string, candidates: readonly Prediction[], count: number): Prediction[] {
		const weighed = this.evidence?.weigh(normalized, candidates) ?? candidates
		return weighed.slice(0, count)
	}

	/** As {@link predict}, by fastText's part of the model alone. */
	predictByVectors(normalized: string, count: number): Prediction[] {
		const vector = this.#model.predict(padTitle(normalized, this.padding), count, 0)
		try {
			return Array.from({ length: vector.size() }, (_, index) => readPair(vector.get(index)))
		} finally {
			vector.delete()
		}
	}

	/** How many words a normalised title has (a lone mark is no word), and how many of them the model has learnt. */
	know(normalized: string): Knowledge {
		return countKnown(normalized.split(' ').filter(isWord), this)
	}

	/** All labels, in the order that the model file has them. */
	labels(): string[] {
		const [names, counts] = this.#model.getLabels()
		try {
			return Array.from({ length: names.size() }, (_, index) => labelName(names.get(index)))
		} finally {
			names.delete()
			counts.delete()
		}
	}

	/** Whether the model has learnt a word. */
	knows(word: string): boolean {
		return this.hasVector(word) || (this.evidence?.knows(word) ?? false)
	}

	/** Whether fastText's part of the model has learnt a word. */
	hasVector(word: string): boolean {
		return this.#model.getWordId(word) !== -1
	}

	dispose(): void {
		this.#model.delete()
	}
}

/** @param probability with {@link PROBABILITY_OFFSET} */
export function clampScore(probability: number): number {
	return Math.min(1, Math.max(0, probability))
}

function readPair(pair: NativePair): Prediction {
	const { 0: probability, 1: label } = pair
	pair.delete?.()
	if (!Number.isFinite(probability))
		throw new AppError(
			'damaged',
			`the model gives ${probability} as a probability; it must be trained again`,
		)
	return { label: labelName(label), score: clampScore(probability) }
}

/**
 * Makes a file that is read where its bytes lie: `FS.writeFile` would copy them twice into the module's memory, which never
 * shrinks.
 *
 * @returns takes the file away
 */
function mountFile({ FS }: EngineModule, bytes: Uint8Array): () => void {
	const device = FS.makedev(DEVICE_MAJOR, 0)
	// The module keeps the device for good; it must not keep the bytes.
	let held: Uint8Array | null = bytes
	const read: ReadDevice = (_stream, target, offset, length, position) => {
		const part = held?.subarray(position, position + length) ?? new Uint8Array()
		target.set(part, offset)
		return part.length
	}
	FS.registerDevice(device, { read })
	FS.mkdev(MODEL_PATH, device)
	return () => {
		held = null
		FS.unlink(MODEL_PATH)
	}
}
