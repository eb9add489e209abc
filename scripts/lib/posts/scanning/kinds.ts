// What is written of each field: its number, kind, beginning and end.
export const FIELD_BYTES: usize = 16

// How the value of a field is told: its kind, and where it begins and ends.
export const ASCII: u32 = 0
export const UTF8: u32 = 1
/** Text that JSON.parse has to read, quotes included. */
export const JSON_TEXT: u32 = 2
export const NULL: u32 = 3
export const TRUE: u32 = 4
export const FALSE: u32 = 5
/** It stands where other values have their beginning. */
export const WHOLE_NUMBER: u32 = 6
/** A short field whose text is long. */
export const LONG: u32 = 7
