// Files in fastText's text format → streams of word numbers in the shared memory, one for each worker, and its words.
import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Crew } from './crew.ts'
import { STREAM, WORD_FIELDS, WORD_TABLE } from './layout.ts'
import { type Struct, sizeOf } from './struct.ts'

const FIRST_SLOTS = 1 << 16
const READ_BYTES = 1 << 24
const NEWLINE = 10
const GROW = 2

type WordTable = Struct<typeof WORD_TABLE>

/** Tokenised files. Free it when its samples are made. */
export interface Corpus {
	readonly tokenCount: number
	readonly lineCount: number
	/** The words of the files in order of first occurrence (worker by worker), labels among them. */
	readonly wordCount: number
	/** Bytes of word `number`, as long as the corpus is not freed. */
	bytes(number: number): Uint8Array
	hashes(): Uint32Array
	counts(): Uint32Array
	/** Says what each word is from now on; `finals[number]` as kernels/ngrams.ts takes it. */
	resolve(finals: Uint32Array): void
	/** Address of the workers' streams, one STREAM record after the other. */
	readonly streams: number
	readonly streamTokens: readonly number[]
	readonly streamLines: readonly number[]
	free(): void
}

/** @param paths read one after the other, as if they were one file @throws AppError `not-found`, `out-of-memory`, `bad-data` for no text */
export async function readCorpus(crew: Crew, ...paths: readonly string[]): Promise<Corpus> {
	const { text, bytes } = await readText(crew, paths)
	const tables = splitLines(crew, text, bytes).map(([from, to]) =>
		crew.struct(WORD_TABLE, { text: from, textEnd: to }),
	)
	await countTokens(crew, tables)
	await Promise.all(tables.map((table, thread) => tokenize(crew, table, thread)))
	const { whole, numbers } = await mergeTables(crew, tables)
	return createCorpus(crew, { text, tables, whole, numbers })
}

async function readText(
	crew: Crew,
	paths: readonly string[],
): Promise<{ text: number; bytes: number }> {
	const files: { path: string; file: FileHandle; size: number }[] = []
	try {
		for (const path of paths) {
			const file = await openText(path)
			files.push({ path, file, size: (await file.stat()).size })
		}
		const total = files.reduce((sum, { size }) => sum + size, 0)
		if (total === 0) throw new AppError('bad-data', `training text is empty: ${paths.join(', ')}`)
		const text = crew.arena.take(total + files.length, `the text of ${paths.join(', ')}`)
		let end = text
		for (const { size, ...from } of files) {
			await readInto(new Uint8Array(crew.buffer, end, size), from)
			end += size
			// The last line of one and the first of the next stay two.
			const [last, next] = [end - 1, end].map((at) => new Uint8Array(crew.buffer, at, 1))
			if (size === 0 || last?.[0] === NEWLINE) continue
			next?.fill(NEWLINE)
			end += 1
		}
		return { text, bytes: end - text }
	} finally {
		await Promise.all(files.map(({ file }) => file.close()))
	}
}

async function openText(path: string): Promise<FileHandle> {
	return open(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT')
			throw new AppError('not-found', `training text not found: ${path}`, error)
		throw error
	})
}

async function readInto(
	target: Uint8Array,
	{ path, file }: { readonly path: string; readonly file: FileHandle },
): Promise<void> {
	for (let done = 0; done < target.length; ) {
		const { bytesRead } = await file.read(target.subarray(done, done + READ_BYTES))
		if (bytesRead === 0) throw new AppError('bad-data', `${path} became shorter while being read`)
		done += bytesRead
	}
}

function splitLines(crew: Crew, text: number, bytes: number): [number, number][] {
	const view = new Uint8Array(crew.buffer, text, bytes)
	const cuts = Array.from({ length: crew.threads + 1 }, (_, thread) => {
		if (thread === 0) return 0
		if (thread === crew.threads) return bytes
		const end = view.indexOf(NEWLINE, Math.floor((bytes * thread) / crew.threads))
		return end < 0 ? bytes : end + 1
	})
	return cuts.slice(1).map((to, index) => [text + (cuts[index] ?? 0), text + to])
}

async function countTokens(crew: Crew, tables: readonly WordTable[]): Promise<void> {
	const starts = tables.map((table) => table.get('text'))
	await crew.runAll((thread) => ({
		mode: 'repeat',
		kernel: 'countTokens',
		args: [tables[thread]?.address ?? 0],
	}))
	for (const [thread, table] of tables.entries()) {
		// A line end for each line and one for a last line without it.
		const most = table.get('tokenCount') + table.get('lineCount') + 1
		table.set({
			text: starts[thread] ?? 0,
			tokens: crew.arena.take(most * 4, 'the words of the text'),
			tokenCount: 0,
			lineCount: 0,
		})
		giveSlots(crew, table, FIRST_SLOTS)
	}
}

/** New slots and room for half as many words. */
function giveSlots(crew: Crew, table: WordTable, slots: number): void {
	const { arena } = crew
	const count = table.get('wordCount')
	const words = arena.take((slots / 2 + 1) * WORD_FIELDS * 4, 'the table of words')
	const old = crew.uint32(table.get('words'), count * WORD_FIELDS)
	crew.uint32(words, old.length).set(old)
	arena.free(table.get('slots'), table.get('words'))
	table.set({ words, slots: arena.take(slots * 4, 'the table of words'), mask: slots - 1 })
}

async function tokenize(crew: Crew, table: WordTable, thread: number): Promise<void> {
	const args = [table.address]
	while ((await crew.run(thread, { mode: 'repeat', kernel: 'tokenize', args })) === GROW) {
		giveSlots(crew, table, (table.get('mask') + 1) * 4)
		await crew.run(thread, { mode: 'once', kernel: 'rehashWords', args })
	}
}

async function mergeTables(crew: Crew, tables: readonly WordTable[]) {
	const counts = tables.map((table) => table.get('wordCount'))
	const total = counts.reduce((sum, count) => sum + count, 0)
	const whole = crew.struct(WORD_TABLE)
	giveSlots(crew, whole, 2 ** Math.ceil(Math.log2(2 * total + 2)))
	const numbers: Uint32Array[] = []
	for (const [thread, table] of tables.entries()) {
		const count = counts[thread] ?? 0
		const place = crew.arena.take(count * 4, 'the table of words')
		await crew.run(0, {
			mode: 'once',
			kernel: 'mergeWords',
			args: [whole.address, table.address, place, 0, count],
		})
		numbers.push(crew.uint32(place, count).slice())
		crew.arena.free(place)
	}
	crew.arena.free(whole.get('slots'))
	return { whole, numbers }
}

interface Parts {
	readonly text: number
	readonly tables: readonly WordTable[]
	readonly whole: WordTable
	readonly numbers: readonly Uint32Array[]
}

function createCorpus(crew: Crew, { text, tables, whole, numbers }: Parts): Corpus {
	const { arena } = crew
	const wordCount = whole.get('wordCount')
	const words = whole.get('words')
	const streams = arena.take(tables.length * sizeOf(STREAM), 'bookkeeping')
	const streamTokens = tables.map((table) => table.get('tokenCount'))
	const finalPlaces = numbers.map((part) => arena.take(part.length * 4, 'the table of words'))
	for (const [thread, table] of tables.entries())
		crew
			.uint32(streams + thread * sizeOf(STREAM), 4)
			.set([
				table.get('tokens'),
				table.get('tokenCount'),
				table.get('words'),
				finalPlaces[thread] ?? 0,
			])
	const field = (offset: number) => {
		const fields = crew.uint32(words, wordCount * WORD_FIELDS)
		return Uint32Array.from({ length: wordCount }, (_, i) => fields[i * WORD_FIELDS + offset] ?? 0)
	}
	return {
		wordCount,
		streams,
		streamTokens,
		streamLines: tables.map((table) => table.get('lineCount')),
		tokenCount: streamTokens.reduce((sum, count) => sum + count, 0),
		lineCount: tables.reduce((sum, table) => sum + table.get('lineCount'), 0),
		bytes(number) {
			const [start = 0, length = 0] = crew.uint32(words + number * WORD_FIELDS * 4, 2)
			return new Uint8Array(crew.buffer, start, length)
		},
		hashes: () => field(2),
		counts: () => field(3),
		resolve(finals) {
			for (const [thread, part] of numbers.entries()) {
				const view = crew.uint32(finalPlaces[thread] ?? 0, part.length)
				for (let i = 0; i < part.length; i += 1) view[i] = finals[part[i] ?? 0] ?? 0
			}
		},
		free() {
			for (const table of tables)
				arena.free(table.get('tokens'), table.get('words'), table.get('slots'), table.address)
			arena.free(text, words, whole.address, streams, ...finalPlaces)
		},
	}
}
