// The IndexedDB database `whichsub-sending`: whether picks may be sent, which were, and the requests that wait. The page writes
// the requests; the service worker sends them (`src/worker/send-picks.ts`, which reads these stores).
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Feedback } from '../../shared/feedback.ts'
import { MAX_SENT_PICKS } from '../../shared/sent-picks.ts'
import { nameForSite } from '../../shared/site-name.ts'

/** Fewer than a server takes at once: one request of these is let in after another within its limits of ten minutes. */
const PICKS_IN_REQUEST = 20

export type Consent = 'yes' | 'no'

interface Waiting {
	readonly path: string
	readonly body: string
	readonly marks: readonly (readonly [id: string, time: string | null])[]
}

/** The time of each pick as the server refused it. */
type Refused = Readonly<Record<string, string>>

interface SendingSchema extends DBSchema {
	/** Beside these keys the worker keeps a path's: until when it sends nothing there. */
	settings: {
		key: 'consent' | 'secret' | 'notRemoved' | 'refused'
		value: string | number | Refused
	}
	/** The time of each pick as it was sent; empty where it may have been. */
	sent: { key: string; value: string }
	outbox: { key: number; value: Waiting }
}

export interface SendingStatus {
	/** Null where nobody was asked yet. */
	readonly consent: Consent | null
	/** Picks that are at the server. */
	readonly sent: number
	/** Picks that are to be sent or taken back. */
	readonly waiting: number
	/** Picks that the server refused for what they say; sent again once they say something else. */
	readonly refused: number
	/** Picks that the server did not remove when they were taken back: it had none of them from this browser. */
	readonly notRemoved: number
}

export class SendingDatabase {
	#opening: Promise<IDBPDatabase<SendingSchema>> | null = null

	async readStatus(): Promise<SendingStatus> {
		const database = await this.#open()
		const transaction = database.transaction(['settings', 'sent', 'outbox'])
		const consent = await transaction.objectStore('settings').get('consent')
		const times = await transaction.objectStore('sent').getAll()
		const requests = await transaction.objectStore('outbox').getAll()
		return {
			consent: consent === 'yes' || consent === 'no' ? consent : null,
			sent: times.filter((time) => time !== '').length,
			refused: Object.keys(await readRefused(transaction.objectStore('settings'))).length,
			notRemoved: Number((await transaction.objectStore('settings').get('notRemoved')) ?? 0),
			waiting: requests.reduce((sum, { marks }) => sum + marks.length, 0),
		}
	}

	async setConsent(consent: Consent): Promise<void> {
		const database = await this.#open()
		const { store, done } = database.transaction('settings', 'readwrite', { durability: 'strict' })
		store.put(consent, 'consent').catch(() => {})
		for (const key of ['notRemoved', 'refused'] as const) store.delete(key).catch(() => {})
		if (!(await store.get('secret'))) store.put(makeSecret(), 'secret').catch(() => {})
		await done
	}

	/**
	 * Writes the requests that make the server have these picks, or none without consent, in the place of those that wait. Call it
	 * while nothing is being sent.
	 *
	 * @param picks null where they can't be read: nobody knows which were deleted, so with consent nothing changes
	 */
	async plan(picks: readonly Feedback[] | null): Promise<void> {
		const database = await this.#open()
		const transaction = database.transaction(['settings', 'sent', 'outbox'], 'readwrite')
		const settings = transaction.objectStore('settings')
		const isAgreed = (await settings.get('consent')) === 'yes'
		if (isAgreed && !picks) return
		const secret = await settings.get('secret')
		const wanted = new Map(isAgreed && picks ? picks.map((pick) => [pick.id, pick]) : [])
		const sent = new Map<string, string>()
		for (const id of await transaction.objectStore('sent').getAllKeys())
			sent.set(id, (await transaction.objectStore('sent').get(id)) ?? '')
		const gone = [...sent.keys()].filter((id) => !wanted.has(id))
		const refused = Object.fromEntries(
			Object.entries(await readRefused(settings)).filter(
				([id, time]) => wanted.get(id)?.time === time,
			),
		)
		settings.put(refused, 'refused').catch(() => {})
		const fresh = [...wanted.values()].filter(
			({ id, time }) => sent.get(id) !== time && refused[id] !== time,
		)
		const outbox = transaction.objectStore('outbox')
		outbox.clear().catch(() => {})
		for (const ids of portions(gone, MAX_SENT_PICKS))
			outbox.add(takeBack(ids, secret), undefined).catch(() => {})
		for (const some of portions(fresh, PICKS_IN_REQUEST))
			outbox.add(sendPicks(some, secret), undefined).catch(() => {})
		await transaction.done
	}

	#open(): Promise<IDBPDatabase<SendingSchema>> {
		if (this.#opening) return this.#opening
		const forget = () => {
			this.#opening = null
		}
		const opening = openDB<SendingSchema>(nameForSite('whichsub-sending', document.baseURI), 1, {
			upgrade(database) {
				database.createObjectStore('settings')
				database.createObjectStore('sent')
				database.createObjectStore('outbox', { autoIncrement: true })
			},
			blocking: (_current, _blocked, event) => {
				;(event.target as IDBDatabase).close()
				forget()
			},
			terminated: forget,
		})
		opening.catch(forget)
		this.#opening = opening
		return opening
	}
}

async function readRefused(settings: {
	get(key: 'refused'): Promise<string | number | Refused | undefined>
}): Promise<Refused> {
	const refused = await settings.get('refused')
	return typeof refused === 'object' ? refused : {}
}

function sendPicks(picks: readonly Feedback[], secret: unknown): Waiting {
	return {
		path: 'api/feedback',
		body: JSON.stringify({ secret, picks }),
		marks: picks.map(({ id, time }) => [id, time] as const),
	}
}

function takeBack(ids: readonly string[], secret: unknown): Waiting {
	return {
		path: 'api/feedback/take-back',
		body: JSON.stringify({ secret, ids }),
		marks: ids.map((id) => [id, null] as const),
	}
}

function portions<Item>(items: readonly Item[], most: number): Item[][] {
	return Array.from({ length: Math.ceil(items.length / most) }, (_, index) =>
		items.slice(index * most, (index + 1) * most),
	)
}

/** 32 random bytes in base64url. */
function makeSecret(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(32))
	return btoa(String.fromCharCode(...bytes))
		.replaceAll('+', '-')
		.replaceAll('/', '_')
		.replace('=', '')
}
