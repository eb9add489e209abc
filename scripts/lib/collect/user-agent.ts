// How the collector names itself to Reddit.

/**
 * `<platform>:<app id>:<version> (by /u/<name>)`, the form that the rules of Reddit's API ask for: clients with a
 * default User-Agent are slowed down, and one that lies is banned.
 *
 * @param username of the Reddit account that answers for the app
 */
export function formatUserAgent(version: string, username: string): string {
	return `${process.platform}:whichsub:v${version} (by /u/${username})`
}
