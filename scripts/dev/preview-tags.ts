// What a link to the page shows of it elsewhere: Open Graph wants whole addresses, which a build below any path does not know.

/** @param pageUrl where the page will stand; nothing is said of addresses without it. @throws TypeError for what is no URL */
export function previewTags(pageUrl: string | undefined): [property: string, content: string][] {
	if (!pageUrl) return []
	const page = new URL(pageUrl.endsWith('/') ? pageUrl : `${pageUrl}/`)
	return [
		['og:url', page.href],
		['og:image', new URL('icon-512.png', page).href],
		['og:image:alt', 'whichsub'],
	]
}
