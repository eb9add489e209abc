// Reads the names from a release's files of subreddits that its model has not learnt. Pure.
import { readUnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { TailFile } from '../../../src/model/unseen/tail-file.ts'

/** @param file unpacked @throws AppError `damaged` */
export function unseenNames(file: Uint8Array, which: 'unseen' | 'tail'): readonly string[] {
	if (which === 'unseen') return readUnseenIndex(file).names
	const tail = TailFile.open(Uint8Array.from(file))
	return Array.from({ length: tail.count }, (_, at) => tail.nameAt(at))
}
