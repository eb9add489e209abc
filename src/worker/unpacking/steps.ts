// What a part of the model says when it stops.

/** It wants more bytes. */
export const MORE: i32 = 0
/** It is whole: the next one begins. */
export const DONE: i32 = 1
/** Its bytes can't be a packed model of a file of this length. */
export const FAILED: i32 = 2
