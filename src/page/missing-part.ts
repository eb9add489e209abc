// Parts of this page that are loaded when they are needed. Browsers say only that one could not be had; this finds out why.
import { AppError, errorMessage } from '../shared/app-error.ts'

/**
 * @param load imports the part
 * @throws AppError `network`, `server`, `outdated`, `damaged-page`
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
	try {
		return await load()
	} catch (error) {
		throw (
			(await explainMissingPart()) ??
			new AppError('damaged-page', `a part of this page did not arrive: ${errorMessage(error)}`)
		)
	}
}

/**
 * Asks the server for this script: it changes with every build.
 *
 * @returns null where it is there, so that the part could be had now
 */
export async function explainMissingPart(): Promise<AppError | null> {
	// Neither a cache nor the service worker has an address with a query.
	const own = new URL(`${import.meta.url}?is-there`)
	const response = await fetch(own, { method: 'HEAD', cache: 'no-store' }).catch(() => null)
	if (!response) return new AppError('network', 'there is no connection to the server')
	if (response.ok) return null
	return response.status === 404 || response.status === 410
		? new AppError('outdated', 'this page was replaced by a newer version while it was open')
		: new AppError('server', `the server answers with error ${response.status}`)
}
