// Sends picks of people who agreed, from the service worker: it may do so after the page is closed, once there is a network again.
// The page decides what is to be sent, as requests in the database `whichsub-sending`; this only sends them. It shares no module
// with the page, because a service worker imports none.

declare const self: ServiceWorkerGlobalScope

/** The name of the Background Sync, of the lock and of the message; the page says the same. */
const SEND_PICKS = 'whichsub-send-picks'
const DATABASE = 'whichsub-sending'
/** Where a server does not say when to come back. */
const PATIENCE_SECONDS = 60

/** What became of the requests. The page reads it. */
type Outcome =
	| { readonly kind: 'done' }
	/** Another try makes sense after so many seconds. */
	| { readonly kind: 'wait'; readonly seconds: number }
	| { readonly kind: 'offline' }
	/** The server takes no picks any more. */
	| { readonly kind: 'gone' }
	| { readonly kind: 'refused'; readonly status: number }

/** A request that waits. Written by the page, in `src/page/sending/sending-database.ts`. */
interface Waiting {
	readonly path: string
	readonly body: string
	/** Of the picks in it: what stands in `sent` once they are there, or null where they are taken back. */
	readonly marks: readonly (readonly [id: string, time: string | null])[]
}

/** What the server answers, as in `src/shared/sent-picks.ts`. */
interface Answer {
	readonly removed?: number
	readonly refused?: readonly { readonly id: string }[]
}

interface SyncEvent extends ExtendableEvent {
	readonly tag: string
}

export function sendPicksOnRequest(): void {
	self.addEventListener('message', (event) => {
		if (event.data !== SEND_PICKS) return
		event.waitUntil(sendAll().then((outcome) => event.ports[0]?.postMessage(outcome)))
	})
	self.addEventListener('sync', ((event: SyncEvent) => {
		if (event.tag === SEND_PICKS) event.waitUntil(sendLater())
	}) as EventListener)
}

/** The browser tries again after an error. */
async function sendLater(): Promise<void> {
	const { kind } = await sendAll()
	if (kind === 'offline' || kind === 'wait') throw new Error('the picks are still to be sent')
}

/** One at a time, and never while the page writes down what is to be sent. */
function sendAll(): Promise<Outcome> {
	const { pathname } = new URL(self.registration.scope)
	return navigator.locks.request(`${SEND_PICKS} ${pathname}`, async () => {
		const database = await openDatabase(pathname)
		if (!database) return { kind: 'done' }
		try {
			return await sendWaiting(database)
		} finally {
			database.close()
		}
	})
}

/** What the server refuses or asks patience for stays, and what stands behind it is sent all the same. */
async function sendWaiting(database: IDBDatabase): Promise<Outcome> {
	const outbox = database.transaction('outbox').objectStore('outbox')
	const requests = done<Waiting[]>(outbox.getAll())
	let left: Outcome = { kind: 'done' }
	for (const [index, key] of (await done(outbox.getAllKeys())).entries()) {
		const outcome = await sendOne(database, key, (await requests)[index] as Waiting)
		if (!outcome) continue
		if (outcome.kind !== 'wait' && !('status' in outcome && outcome.status === 422)) return outcome
		// What is to be tried again says when, also where another one is refused for good.
		if (left.kind !== 'wait') left = outcome
	}
	return left
}

/** @returns null where nothing of it is left to do */
async function sendOne(
	database: IDBDatabase,
	key: IDBValidKey,
	request: Waiting,
): Promise<Outcome | null> {
	const { path } = request
	const settings = database.transaction('settings').objectStore('settings')
	const consent = done(settings.get('consent'))
	// New picks and taking back wait apart: a limit of new ones, up to a day, holds up nobody's taking back.
	const milliseconds = ((await done<number | undefined>(settings.get(path))) ?? 0) - Date.now()
	// Whoever said no meanwhile sends nothing more. What is taken back still goes.
	if (path === 'api/feedback' && (await consent) !== 'yes') {
		await write(database, ['outbox'], (stores) => stores('outbox').delete(key))
		return null
	}
	return milliseconds > 0
		? { kind: 'wait', seconds: Math.ceil(milliseconds / 1000) }
		: send(database, key, request)
}

/** @returns null where it was sent */
async function send(
	database: IDBDatabase,
	key: IDBValidKey,
	{ path, body, marks }: Waiting,
): Promise<Outcome | null> {
	const known = new Set(await done(database.transaction('sent').objectStore('sent').getAllKeys()))
	// Should this be stopped in the middle, they may have arrived: they are known as such, and can be taken back.
	await write(database, ['sent'], (stores) => {
		for (const [id, time] of marks) if (time !== null) stores('sent').put('', id)
	})
	const response = await fetch(new URL(path, self.registration.scope), {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body,
		cache: 'no-store',
		redirect: 'error',
	}).catch(() => null)
	if (!response) return { kind: 'offline' }
	if (response.status === 429 || response.status >= 500) return wait(database, path, response)
	if (response.status === 404 || response.status === 405) return { kind: 'gone' }
	if (response.status !== 200) return { kind: 'refused', status: response.status }
	const { removed, refused = [] } = (await response.json().catch(() => ({}))) as Answer
	// Only of taking back.
	const left = marks.length - (removed ?? marks.length)
	const refusals = new Set(refused.map(({ id }) => id))
	await write(database, ['sent', 'outbox', 'settings'], (stores) => {
		stores('outbox').delete(key)
		if (left > 0) change<number>(stores('settings'), 'notRemoved', (before = 0) => before + left)
		// Of one that the server refuses it may have an earlier time: that is still to be taken back one day.
		for (const [id, time] of marks)
			if (time === null || (refusals.has(id) && !known.has(id))) stores('sent').delete(id)
			else if (!refusals.has(id)) stores('sent').put(time, id)
		const news = marks.filter(([id]) => refusals.has(id))
		if (news.length > 0)
			change<object>(stores('settings'), 'refused', (before) => ({
				...before,
				...Object.fromEntries(news),
			}))
	})
	return null
}

function change<Value>(
	store: IDBObjectStore,
	key: string,
	to: (before: Value | undefined) => Value,
): void {
	const before = store.get(key)
	before.onsuccess = () => store.put(to(before.result), key)
}

async function wait(database: IDBDatabase, path: string, { headers }: Response): Promise<Outcome> {
	const said = Number(headers.get('Retry-After'))
	const seconds = said > 0 ? said : PATIENCE_SECONDS
	await write(database, ['settings'], (stores) =>
		stores('settings').put(Date.now() + seconds * 1000, path),
	)
	return { kind: 'wait', seconds }
}

/** Null where the page has not made it. The name is that of `nameForSite`. */
async function openDatabase(folder: string): Promise<IDBDatabase | null> {
	const request = indexedDB.open(folder === '/' ? DATABASE : `${DATABASE}:${folder}`)
	request.onupgradeneeded = () => request.transaction?.abort()
	return done(request).catch(() => null)
}

function write(
	database: IDBDatabase,
	names: readonly string[],
	work: (store: (name: string) => IDBObjectStore) => void,
): Promise<void> {
	return new Promise((resolve, reject) => {
		const transaction = database.transaction(names, 'readwrite', { durability: 'strict' })
		transaction.oncomplete = () => resolve()
		transaction.onabort = () => reject(transaction.error ?? new Error('it was aborted'))
		work((name) => transaction.objectStore(name))
	})
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result)
		request.onerror = () => reject(request.error)
	})
}
