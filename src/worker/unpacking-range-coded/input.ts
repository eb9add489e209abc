// Where what arrives is copied to; what a step leaves over is moved to its front.

export const INPUT_BYTES: usize = 1 << 17
export const INPUT: usize = memory.data(<i32>INPUT_BYTES, 16)
