// What `unpack` answers; unpacker.ts has the same numbers.

export const WANTS_MORE: i32 = 0
export const IS_WHOLE: i32 = 1
export const ENDS_EARLY: i32 = 2
export const HAS_MORE: i32 = 3
export const IS_SHORTER: i32 = 4
export const IS_IMPOSSIBLE: i32 = 5
