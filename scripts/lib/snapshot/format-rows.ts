// Rows of titles as lines of training text, copied byte for byte.
import { LABEL_PREFIX } from '../../../src/model/training-text.ts'
import type { Rows, TitleTable } from './title-table.ts'

const PIECE_BYTES = 1 << 20
const NEWLINE = 10

/** Whole lines, about a megabyte in each piece. A piece is overwritten by the next one. */
export function* formatRows(table: TitleTable, rows: Rows): Generator<Uint8Array> {
	const begins = table.names.map((name) => Buffer.from(`${LABEL_PREFIX}${name} `))
	const piece = Buffer.allocUnsafe(PIECE_BYTES)
	let end = 0
	for (const row of rows) {
		const begin = begins[table.labels[row] ?? 0] ?? Buffer.alloc(0)
		if (end + begin.length + table.lengthOf(row) + 1 > PIECE_BYTES) {
			yield piece.subarray(0, end)
			end = 0
		}
		end += begin.copy(piece, end)
		end = table.copyText(row, piece, end)
		piece[end] = NEWLINE
		end += 1
	}
	if (end > 0) yield piece.subarray(0, end)
}
