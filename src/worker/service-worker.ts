// The service worker: opens the page without a network. It keeps the built page, never models: these have their database.
// Workbox keeps the files: each once, by its revision, in a cache that is named after this copy of the page.
import { clientsClaim } from 'workbox-core'
import {
	addPlugins,
	addRoute,
	matchPrecache,
	type PrecacheEntry,
	precache,
} from 'workbox-precaching'
import { registerRoute } from 'workbox-routing'
import { sendPicksOnRequest } from './send-picks.ts'

declare const self: ServiceWorkerGlobalScope
/** The build's files relative to this one; the build fills it in. */
declare const __PAGE_FILES__: PrecacheEntry[]

const PAGE = './'
/** On a slow network, the kept page is shown after this time. */
const NAVIGATION_PATIENCE_MS = 3_000
/** Begins the names of caches that earlier versions of this file have made. */
const EARLIER_CACHES = 'whichsub-page-'

// The page that registers this has its files from the network: from now on it finds those that it loads later here, too. It
// does not skip waiting, because a page of an earlier build may still ask for the files of its own.
clientsClaim()
addPlugins([{ cacheWillUpdate: async ({ response }) => (isPageFile(response) ? response : null) }])
precache(__PAGE_FILES__)
registerRoute(
	({ request, url }) => request.mode === 'navigate' && isPageAddress(url),
	({ request }) => openPage(request),
)
addRoute({ directoryIndex: '', cleanURLs: false, ignoreURLParametersMatching: [] })
sendPicksOnRequest()
self.addEventListener('activate', (event) => event.waitUntil(dropEarlierCaches()))

/**
 * What the server says stands, also where it sends visitors elsewhere or says that the page is gone. The kept page is for
 * when it says nothing, or that it is out of order.
 */
async function openPage(request: Request): Promise<Response> {
	// Not from the browser's cache: a page from before the last deploy names scripts that are gone.
	const answer = fetch(new Request(request, { cache: 'no-cache' }))
	// It may fail after the kept page was shown.
	answer.catch(() => {})
	try {
		const response = await Promise.race([answer, patience()])
		if (response && response.status < 500) return response
	} catch {}
	return (await matchPrecache(PAGE)) ?? answer
}

function patience(): Promise<null> {
	return new Promise((done) => setTimeout(done, NAVIGATION_PATIENCE_MS, null))
}

function isPageAddress({ pathname }: URL): boolean {
	return [PAGE, './index.html'].some(
		(page) => new URL(page, self.location.href).pathname === pathname,
	)
}

/** A network that wants its users to sign in sends web pages in place of everything. */
function isPageFile(response: Response): boolean {
	if (!response.ok || response.redirected) return false
	const isWebPage = response.headers.get('content-type')?.startsWith('text/html') === true
	return isWebPage === new URL(response.url).pathname.endsWith('/')
}

/** Another copy of the page on this host may still be of an earlier version: its cache is left alone. */
async function dropEarlierCaches(): Promise<void> {
	for (const name of await caches.keys()) {
		if (!name.startsWith(EARLIER_CACHES)) continue
		const files = await (await caches.open(name)).keys()
		const isOurs = files.some(({ url }) => url === self.registration.scope)
		if (isOurs) await caches.delete(name)
	}
}
