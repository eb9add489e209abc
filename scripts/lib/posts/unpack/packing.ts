// How a file is packed, by its first bytes: names lie, and the public dumps have none once they are unpacked.
import { AppError } from '../../../../src/shared/app-error.ts'

export type Packing = 'zst' | 'gz' | 'none'

/** A tape archive says what it is behind its first file's name. */
export const HEAD_BYTES = 262

/** Enough for all others: a program that writes line by line is not to be waited for. */
export const SHORT_HEAD_BYTES = 6

/** Kinds of files that are not read here: how they begin, what they are, and a program that writes what is inside. */
const OTHERS: readonly (readonly [start: string, kind: string, program: string | null])[] = [
	['BZh', 'packed by bzip2', 'bzcat'],
	['\xfd7zXZ\0', 'packed by xz', 'xzcat'],
	['\x04"M\x18', 'packed by lz4', 'lz4 -dc'],
	['LZIP', 'packed by lzip', 'lzip -dc'],
	['\x1f\x9d', 'packed by compress', 'zcat'],
	['PK\x03\x04', 'a zip archive', 'unzip -p'],
	["7z\xbc\xaf'\x1c", 'a 7-Zip archive', '7z x -so'],
	['Rar!', 'a RAR archive', 'unrar p -inul'],
	['PAR1', 'Parquet', null],
	['Obj\x01', 'Avro', null],
	['ARROW1', 'Arrow', null],
	['ORC', 'ORC', null],
	['\x89HDF', 'HDF5', null],
	['SQLite', 'an SQLite database', null],
]
const TAR_AT = 257

/** An empty file of either kind is a download that never started; its name alone tells it from an empty text. */
export function findPacking(
	head: Uint8Array,
	{ name, path }: { readonly name: string; readonly path: string | null },
): Packing {
	if (head.length === 0) return /\.zst$/i.test(name) ? 'zst' : /\.gz$/i.test(name) ? 'gz' : 'none'
	const start = Buffer.from(head).toString('latin1')
	if (start.startsWith('\x1f\x8b')) return 'gz'
	if (start.startsWith('(\xb5/\xfd') || isSkippableFrame(head)) return 'zst'
	const tar = ['', 'a tape archive', 'tar -xOf'] as const
	const other = start.slice(TAR_AT).startsWith('ustar')
		? tar
		: OTHERS.find(([magic]) => start.startsWith(magic))
	if (other)
		throw unreadable(
			name,
			other[1],
			other[2] && `${other[2]} ${path === null ? 'FILE' : quote(path)}`,
		)
	if (/^\s*[[{]/.test(start)) return 'none'
	// What a name promises and the bytes are not is damage: the decoder says which.
	return /\.zst$/i.test(name) ? 'zst' : /\.gz$/i.test(name) ? 'gz' : 'none'
}

/** Some programs put a frame of their own before the data. */
function isSkippableFrame([first = 0, ...rest]: Uint8Array): boolean {
	return first >> 4 === 5 && rest[0] === 0x2a && rest[1] === 0x4d && rest[2] === 0x18
}

function unreadable(name: string, kind: string, command: string | null): AppError {
	const next = command
		? `run: ${command} | whichsub ingest -`
		: 'write its rows as JSON Lines or CSV'
	return new AppError('bad-input', `${kind} is not read: ${name}; ${next}`)
}

function quote(path: string): string {
	return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
