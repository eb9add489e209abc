// Asks a model of ours where its file lies, in WebAssembly: the very answers of fastText's engine, without its tables and its copies
// of the file. Models of other shapes are left to the engine.
import { type Candidates, readCandidates } from '../model/candidates.ts'
import { Engine, type VectorModel } from '../model/engine.ts'
import { EVIDENCE_LEVELS, splitModelFile } from '../model/evidence/evidence-file.ts'
import { EvidenceTable, type WeighedLists } from '../model/evidence/weigh-evidence.ts'
import { fromUtf8 } from '../model/features.ts'
import { labelName } from '../model/training-text.ts'
import type { WordRange, WordSigns, Words } from '../model/word-table.ts'
import kernelUrl from './scoring/index.ts?compiled'
import { compileWasm, isOutOfMemory, outOfMemory } from './wasm.ts'

interface Kernel {
	readonly memory: WebAssembly.Memory
	readonly TEXT: WebAssembly.Global
	readonly TEXT_BYTES: WebAssembly.Global
	readonly best: WebAssembly.Global
	allocate(bytes: bigint): number
	open(fastText: number, length: number, evidence: number, evidenceLength: number): 0 | 1
	predict(length: number, count: number): number
	hasVector(length: number): 0 | 1
	labelCount(): number
	labelList(): number
	findEvidence(length: number): number
	evidenceFeatures(): number
	evidenceFeatureCount(): number
	evidenceWords(): number
	evidenceLabels(): number
	evidenceEntries(): number
	evidenceNumbers(): number
	evidenceWeights(): number
	evidenceStarts(): number
	evidenceLists(): number
	evidenceLevels(): number
	searchTable(length: number, behind: 0 | 1): number
	tableWord(place: number): number
	textHash(length: number): number
	readonly MARKS: WebAssembly.Global
	readonly MOST_MARKS: WebAssembly.Global
	readonly signs: WebAssembly.Global
	findSigns(from: number, until: number, marks: number, hasPrevious: 0 | 1, previous: number): void
}

const TASK = 'start the model'
/** fastText reads the end of a title as this word. */
const END_OF_LINE = ' </s>'
/** Bytes behind the text of a label: a zero, count and type. */
const BEHIND_ENTRY = 10
/** Where the parts of a word's signs begin. */
const LABELS_BIT = 8
const MARKS_MASK = (1 << LABELS_BIT) - 1
/** So many characters are made of bytes at once. */
const CHUNK = 8192

let compiling: Promise<WebAssembly.Module> | null = null

/** @throws AppError as `compileWasm` */
export function loadScorer(): Promise<WebAssembly.Module> {
	compiling ??= compileWasm(kernelUrl, 'the engine').catch((error: unknown) => {
		// A rejected promise is not kept: the next call tries again.
		compiling = null
		throw error
	})
	return compiling
}

/** @param file of the length that was said, of which nothing is kept @returns null where only fastText's engine can ask it */
export type OpenByScorer = (file: Uint8Array) => Engine | null

/**
 * Takes what memory a model's file will need, while the file is on its way.
 *
 * @param length of the file
 * @throws AppError as {@link loadScorer}
 */
export async function prepareScorer(length: number): Promise<OpenByScorer> {
	const module = await loadScorer()
	try {
		const { exports } = await WebAssembly.instantiate(module)
		const kernel = exports as unknown as Kernel
		const address = kernel.allocate(BigInt(length))
		return (file) => {
			try {
				return openModel(kernel, address, file)
			} catch (error) {
				throw explainFailure(error)
			}
		}
	} catch (error) {
		throw explainFailure(error)
	}
}

/** The kernel stops where it gets no more memory. */
function explainFailure(error: unknown): unknown {
	const isFull = isOutOfMemory(error) || error instanceof WebAssembly.RuntimeError
	return isFull ? outOfMemory(TASK, error) : error
}

function openModel(kernel: Kernel, address: number, file: Uint8Array): Engine | null {
	const { fastText, evidence } = splitModelFile(file)
	new Uint8Array(kernel.memory.buffer).set(file, address)
	const behind = address + fastText.length
	if (!kernel.open(address, fastText.length, behind, evidence?.length ?? 0)) return null
	const scorer = new Scorer(kernel)
	const lists = evidence && scorer.readEvidence()
	// The engine says that they are damaged.
	if (lists && !(lists.absent.length === scorer.labels.length && areNumbers(lists))) return null
	return new Engine({
		vectors: scorer,
		table: scorer,
		evidence: lists && new EvidenceTable(lists, scorer.labels, (token) => scorer.findWord(token)),
	})
}

function areNumbers({ strength, levelValues, absent }: WeighedLists): boolean {
	return (
		Number.isFinite(strength) && levelValues.every(Number.isFinite) && absent.every(Number.isFinite)
	)
}

class Scorer implements VectorModel, Words {
	readonly labels: readonly string[]
	readonly #kernel: Kernel
	readonly #encoder = new TextEncoder()
	/** The memory grows no more. */
	readonly #bytes: Uint8Array
	readonly #text: Uint8Array

	constructor(kernel: Kernel) {
		const { memory, TEXT, TEXT_BYTES } = kernel
		this.#kernel = kernel
		this.#bytes = new Uint8Array(memory.buffer)
		this.#text = this.#bytes.subarray(TEXT.value, TEXT.value + TEXT_BYTES.value)
		this.labels = this.#readLabels()
	}

	predict(text: string, count: number): Candidates {
		const found = this.#kernel.predict(this.#write(text + END_OF_LINE), count)
		const best = this.#kernel.best.value
		const { buffer } = this.#bytes
		return readCandidates(
			new Uint32Array(buffer, best, found),
			new Float32Array(buffer, best + found * 4, found),
		)
	}

	hasVector(word: string): boolean {
		return this.#kernel.hasVector(this.#write(word)) === 1
	}

	startingWith(prefix: string): WordRange {
		const length = this.#write(prefix)
		return {
			from: this.#kernel.searchTable(length, 0),
			until: this.#kernel.searchTable(length, 1),
		}
	}

	word(place: number): string {
		return this.#wordAt(this.#kernel.tableWord(place))
	}

	hash(token: string): number {
		return this.#kernel.textHash(this.#write(token))
	}

	signsOf(
		{ from, until }: WordRange,
		marks: readonly number[],
		previous: number | null,
	): WordSigns {
		const { MARKS, MOST_MARKS, signs, findSigns } = this.#kernel
		const { buffer } = this.#bytes
		if (marks.length > MOST_MARKS.value) throw new RangeError(`${marks.length} marks`)
		new Int32Array(buffer, MARKS.value, marks.length).set(marks)
		findSigns(from, until, marks.length, previous === null ? 0 : 1, previous ?? 0)
		const count = until - from
		const found = new Uint32Array(buffer, signs.value, count)
		const said = {
			labels: new Uint32Array(count),
			marks: new Uint8Array(count),
			follows: new Uint8Array(count),
		}
		// A function called for each of thousands of words would take a tenth of a key's time.
		for (let at = 0; at < count; at += 1) {
			const sign = found[at] as number
			said.labels[at] = sign >>> LABELS_BIT
			said.marks[at] = (sign & MARKS_MASK) >>> 1
			said.follows[at] = sign & 1
		}
		return said
	}

	readEvidence(): WeighedLists {
		const kernel = this.#kernel
		const { buffer } = kernel.memory
		const [labels, entries, features] = [
			kernel.evidenceLabels(),
			kernel.evidenceEntries(),
			kernel.evidenceFeatureCount(),
		]
		const lists = kernel.evidenceWords() + features
		const numbers = kernel.evidenceNumbers()
		// What lies where the file has it stands at no multiple of 4.
		const floats = new Float32Array(
			buffer.slice(numbers, numbers + (1 + EVIDENCE_LEVELS + labels) * 4),
		)
		return {
			strength: floats[0] as number,
			levelValues: floats.subarray(1, 1 + EVIDENCE_LEVELS),
			absent: floats.subarray(1 + EVIDENCE_LEVELS),
			features: new Uint32Array(buffer, kernel.evidenceFeatures(), features),
			weights: new Uint8Array(buffer, kernel.evidenceWeights(), lists),
			starts: new Uint32Array(buffer, kernel.evidenceStarts(), lists + 1),
			labels: new Uint16Array(buffer, kernel.evidenceLists(), entries),
			levels: new Uint8Array(buffer, kernel.evidenceLevels(), entries),
		}
	}

	/** The place of a word in the table of evidence. */
	findWord(token: string): number | undefined {
		const place = this.#kernel.findEvidence(this.#write(token))
		return place < 0 ? undefined : place
	}

	/** Its memory goes when nobody holds it any more. */
	dispose(): void {}

	/** All at once: the file has them one after the other. */
	#readLabels(): string[] {
		const kernel = this.#kernel
		const starts = new Uint32Array(this.#bytes.buffer, kernel.labelList(), kernel.labelCount())
		const from = starts[0] as number
		const end = this.#bytes.indexOf(0, starts.at(-1))
		const text = toLatin1(this.#bytes.subarray(from, end))
		return Array.from(starts, (start, place) => {
			const next = starts[place + 1]
			const until = next === undefined ? end : next - BEHIND_ENTRY
			return labelName(fromUtf8(text.slice(start - from, until - from)))
		})
	}

	#wordAt(address: number): string {
		const end = this.#bytes.indexOf(0, address)
		return fromUtf8(toLatin1(this.#bytes.subarray(address, end)))
	}

	/** @returns bytes that it takes */
	#write(text: string): number {
		const { read, written } = this.#encoder.encodeInto(text, this.#text)
		if (read < text.length) throw new RangeError(`a text of ${text.length} characters is too long`)
		return written
	}
}

/** A character for each byte. */
function toLatin1(bytes: Uint8Array): string {
	let text = ''
	for (let at = 0; at < bytes.length; at += CHUNK)
		text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
	return text
}
