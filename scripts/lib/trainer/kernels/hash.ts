// Hashes: fastText's own for words and n-grams, and the mixing that spreads keys over tables and seeds generators.

const FNV_OFFSET: u32 = 2166136261
const FNV_PRIME: u32 = 16777619
// @ts-ignore: a decorator of AssemblyScript
@inline export const NGRAM_FACTOR: u64 = 116049371

/** FNV-1a as fastText's `Dictionary::hash`: bytes are sign-extended first, a slip that became the format. */
// @ts-ignore
@inline
export function hashStart(): u32 {
	return FNV_OFFSET
}

// @ts-ignore
@inline
export function hashByte(hash: u32, byte: u8): u32 {
	return (hash ^ <u32>(<i32>(<i8>byte))) * FNV_PRIME
}

/** A word's hash as the first operand of an n-gram's: `uint64_t h = int32_t`. */
// @ts-ignore
@inline
export function widen(hash: u32): u64 {
	return <u64>(<i64>(<i32>hash))
}

/** `hash % bucket`, quick for powers of 2. */
// @ts-ignore
@inline
export function bucketOf(hash: u64, bucket: u32): u32 {
	return (bucket & (bucket - 1)) == 0 ? <u32>hash & (bucket - 1) : <u32>(hash % <u64>bucket)
}

/** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
// @ts-ignore
@inline
export function mix64(value: u64): u64 {
	let z = value + 0x9e3779b97f4a7c15
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// @ts-ignore
@inline
export function slotOf(key: u32, mask: u32): u32 {
	return <u32>((<u64>key * 0x9e3779b97f4a7c15) >> 32) & mask
}
