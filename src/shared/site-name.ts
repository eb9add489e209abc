// Names of what a browser keeps for a whole host, where several copies of the page may lie: each has its own. Pure.

/**
 * @param name what the copy at the top of a host calls it
 * @param address of the page or of a file beside it
 */
export function nameForSite(name: string, address: string): string {
	const { pathname } = new URL('./', address)
	return pathname === '/' ? name : `${name}:${pathname}`
}
