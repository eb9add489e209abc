// Addresses on Reddit. Pure.

/** Where a subreddit is read. */
export function subredditUrl(subreddit: string): string {
	return `https://www.reddit.com/r/${encodeURIComponent(subreddit)}/`
}

/** Reddit's form for a new post there, with the title filled in. */
export function submitUrl(subreddit: string, title: string): string {
	return `${subredditUrl(subreddit)}submit?title=${encodeURIComponent(title)}`
}
