// The service worker: opens the page without a network. It keeps the built page, never models: these have their database.

declare const self: ServiceWorkerGlobalScope
/** The build's files relative to this one; the build fills it in. */
declare const __PAGE_FILES__: readonly string[]
/** Changes whenever one of the files does. */
declare const __PAGE_HASH__: string

const FILES = __PAGE_FILES__
const PREFIX = 'whichsub-page-'
const CACHE = PREFIX + __PAGE_HASH__
/** On a slow network, the kept page is shown after this time. */
const NAVIGATION_PATIENCE_MS = 3_000

// It does not skip waiting, because an open page may still ask for the files of its own build.
self.addEventListener('install', (event) => event.waitUntil(keepPage()))
self.addEventListener('activate', (event) => event.waitUntil(dropOlderPages()))
self.addEventListener('fetch', (event) => {
	const { request } = event
	if (request.method !== 'GET') return
	if (request.mode === 'navigate') event.respondWith(openPage(request))
	else if (isPageFile(request.url)) event.respondWith(answerFile(request))
})

async function keepPage(): Promise<void> {
	const cache = await caches.open(CACHE)
	await cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' })))
}

async function dropOlderPages(): Promise<void> {
	const names = await caches.keys()
	const older = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE)
	await Promise.all(older.map((name) => caches.delete(name)))
}

// The network first, so that a reload always gets the newest page; the kept one where that fails. Another address is not the
// page: what the server says of it stands.
async function openPage(request: Request): Promise<Response> {
	if (!isPageAddress(request.url)) return fetch(request)
	try {
		const response = await fetch(request, { signal: AbortSignal.timeout(NAVIGATION_PATIENCE_MS) })
		if (response.ok) return response
		return (await findKept('./')) ?? response
	} catch (error) {
		const kept = await findKept('./')
		if (kept) return kept
		throw error
	}
}

function isPageAddress(url: string): boolean {
	const path = new URL(url).pathname
	return ['./', './index.html'].some((page) => new URL(page, self.location.href).pathname === path)
}

async function answerFile(request: Request): Promise<Response> {
	return (await findKept(request.url)) ?? fetch(request)
}

async function findKept(url: string): Promise<Response | undefined> {
	const cache = await caches.open(CACHE)
	return cache.match(url, { ignoreSearch: true })
}

function isPageFile(url: string): boolean {
	return FILES.some((file) => new URL(file, self.location.href).href === url)
}

// Makes this a module to TypeScript: `self` is declared anew above.
export {}
