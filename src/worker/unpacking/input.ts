// Where what arrives is copied to; what a step leaves over is moved to its front.

export const INPUT_BYTES: usize = 1 << 17
/** More than anything takes that is decoded at one go: a table with its 256 symbols of at most 4 bytes. */
export const RESERVE: usize = 2048
export const INPUT: usize = memory.data(<i32>(INPUT_BYTES + RESERVE), 16)
