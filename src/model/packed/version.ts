// How a packed model begins: `WSM` and the version of its format. No gzip, and no fastText file begins like that.
// Pure: browser and Node.

/** Bytes of what tells the version. */
export const MAGIC_BYTES = 4
const MAGIC = [0x57, 0x53, 0x4d]

/** The version that is written today. Older ones are read: 1 without, 2 and 3 with a table of evidence. */
export const PACKED_VERSION = 4
export type PackedVersion = 1 | 2 | 3 | 4

export function magicOf(version: PackedVersion): Uint8Array {
	return Uint8Array.from([...MAGIC, version])
}

/** @returns null where the bytes don't begin like a packed model */
export function packedVersion(bytes: Uint8Array): PackedVersion | null {
	if (MAGIC.some((byte, index) => bytes[index] !== byte)) return null
	const version = bytes[MAGIC.length]
	return version === 1 || version === 2 || version === 3 || version === 4 ? version : null
}
