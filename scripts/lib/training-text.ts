// Files of training text: the snapshot writes them, evaluation reads them line by line.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import {
	LABEL_PREFIX,
	type LabelledTitle,
	parseTrainingLine,
} from '../../src/model/training-text.ts'
import { AppError } from '../../src/shared/app-error.ts'
import type { DescribedFile } from './files.ts'

/** @throws AppError `bad-data` that names the line */
export async function* readTrainingText(path: string): AsyncGenerator<LabelledTitle> {
	const lines = createInterface({
		input: createReadStream(path),
		crlfDelay: Number.POSITIVE_INFINITY,
	})
	let line = 0
	for await (const text of lines) {
		line += 1
		const title = parseTrainingLine(text)
		if (!title)
			throw new AppError('bad-data', `${path}:${line}: expected ${LABEL_PREFIX}Name and a title`)
		yield title
	}
}

/** Writes a file that is not there yet. @param pieces whole lines, many of them in each; the next may stand where the last one stood */
export async function writeTrainingText(
	path: string,
	pieces: Iterable<Uint8Array>,
): Promise<DescribedFile> {
	const hash = createHash('sha256')
	const file = await open(path, 'wx')
	let bytes = 0
	try {
		for (const piece of pieces) {
			hash.update(piece)
			bytes += piece.length
			await file.writeFile(piece)
		}
		await file.sync()
	} finally {
		await file.close()
	}
	return { name: basename(path), bytes, sha256: hash.digest('hex') }
}
