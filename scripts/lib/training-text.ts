// Files of training text: the snapshot writes them, evaluation reads them line by line. Node.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import {
	formatTrainingLine,
	LABEL_PREFIX,
	type LabelledTitle,
	parseTrainingLine,
} from '../../src/model/training-text.ts'
import { AppError } from '../../src/shared/app-error.ts'
import type { DescribedFile } from './files.ts'

const WRITE_CHARACTERS = 1 << 20

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

/** Writes a file that is not there yet. */
export async function writeTrainingText(
	path: string,
	titles: readonly LabelledTitle[],
): Promise<DescribedFile> {
	const hash = createHash('sha256')
	const file = await open(path, 'wx')
	let bytes = 0
	let text = ''
	const flush = async () => {
		const piece = Buffer.from(text)
		hash.update(piece)
		bytes += piece.length
		text = ''
		await file.writeFile(piece)
	}
	try {
		for (const title of titles) {
			text += formatTrainingLine(title)
			if (text.length >= WRITE_CHARACTERS) await flush()
		}
		await flush()
		await file.sync()
	} finally {
		await file.close()
	}
	return { name: basename(path), bytes, sha256: hash.digest('hex') }
}
