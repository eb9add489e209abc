// A model's arguments, as the file has them.
import { putInt, putLong } from './file'

const MAGIC: u32 = 793712314
const VERSION: u32 = 12
const SUPERVISED: u32 = 3

/** @param loss its place among fastText's */
export function putArguments(
	dim: u32,
	epoch: u32,
	minCount: u32,
	neg: u32,
	wordNgrams: u32,
	loss: u32,
	bucket: u32,
): void {
	putInt(MAGIC)
	putInt(VERSION)
	putInt(dim)
	// The window, which supervised models don't use.
	putInt(5)
	putInt(epoch)
	putInt(minCount)
	putInt(neg)
	putInt(wordNgrams)
	putInt(loss + 1)
	putInt(SUPERVISED)
	putInt(bucket)
	// No parts of words.
	putInt(0)
	putInt(0)
	// How often training tells its speed, and which words it leaves out.
	putInt(100)
	putLong(reinterpret<u64>(<f64>1e-4))
}
