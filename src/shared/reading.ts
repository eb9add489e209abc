// How a title's last word is read. Pure: everywhere.

/** `whole`: it is finished. `typing`: another letter may come, unless a space or a mark ends it. */
export type Reading = 'whole' | 'typing'
