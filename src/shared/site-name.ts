// Names of what a browser keeps for a whole host, where several copies of the page may lie: each has its own. Pure.

/** Of an absolute address: the path with its last slash, without what follows that. */
const FOLDER = /^[a-z]+:\/\/[^/?#]*((?:\/[^/?#]*)*\/)/

/**
 * @param name what the copy at the top of a host calls it
 * @param address of the page or of a file beside it, absolute
 */
export function nameForSite(name: string, address: string): string {
	const folder = FOLDER.exec(address)?.[1] ?? '/'
	return folder === '/' ? name : `${name}:${folder}`
}
