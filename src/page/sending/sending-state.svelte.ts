// Sending picks to the server that the page came from, where it collects them and the person agreed. Main thread.
import * as v from 'valibot'
import { Feedback } from '../../shared/feedback.ts'
import { CollectsPicks } from '../../shared/sent-picks.ts'
import type { PicksState } from '../picks-state.svelte.ts'
import { remembered } from './remembered.svelte.ts'
import { type Consent, SendingDatabase } from './sending-database.ts'

/** The name of the Background Sync, of the lock and of the message; the service worker says the same. */
const SEND_PICKS = 'whichsub-send-picks'

/** What the service worker says; one of an earlier build says nothing. */
const Outcome = v.variant('kind', [
	v.object({ kind: v.picklist(['done', 'offline', 'gone']) }),
	v.object({ kind: v.literal('wait'), seconds: v.number() }),
	v.object({ kind: v.literal('refused'), status: v.number() }),
])
type Outcome = v.InferOutput<typeof Outcome>

interface SyncManager {
	register(tag: string): Promise<void>
}

export class SendingState {
	/** Null where nobody has answered yet. */
	consent = $state<Consent | null>(null)
	/** Whether that was read; where there is no storage it never is, and nobody is asked. */
	isRead = $state(false)
	/** Whether the server takes picks; null until it was asked, once on a visit. */
	collects = $state<boolean | null>(null)
	sent = $state(0)
	/** Picks that are to be sent or taken back. */
	waiting = $state(0)
	/** Picks that the server refused for what they say. */
	refused = $state(0)
	/** Picks that were taken back and the server had not from this browser. */
	notRemoved = $state(0)
	/** What became of the last try. */
	outcome = $state.raw<Outcome | null>(null)
	readonly host = location.host
	readonly #picks: PicksState
	readonly #database = new SendingDatabase()
	#asking: Promise<void> | null = null
	#syncing: Promise<void> | null = null
	#isAskedAgain = false
	#timer: ReturnType<typeof setTimeout> | undefined

	constructor(picks: PicksState) {
		this.#picks = picks
		addEventListener('online', () => this.#syncAside())
	}

	/** Reads what was agreed, and goes on with what waits. */
	async start(): Promise<void> {
		await this.#read()
		if (this.consent !== null) await this.sync()
	}

	/** Asks the server whether it collects, once on a visit. */
	askServer(): Promise<void> {
		this.#asking ??= this.#askServer()
		return this.#asking
	}

	async agree(): Promise<void> {
		await this.#decide('yes')
	}

	/** Also takes back what was sent. */
	async decline(): Promise<void> {
		await this.#decide('no')
	}

	/** Makes the server have what it shall have, as far as it can be reached. */
	async sync(): Promise<void> {
		if (this.consent === null) return
		this.#isAskedAgain = true
		this.#syncing ??= this.#syncUntilQuiet().finally(() => {
			this.#syncing = null
		})
		await this.#syncing
	}

	async #syncUntilQuiet(): Promise<void> {
		while (this.#isAskedAgain) {
			this.#isAskedAgain = false
			const registration = await findRegistration()
			const records = await this.#picks.readWhole()
			const { pathname } = new URL(registration?.scope ?? './', document.baseURI)
			await navigator.locks.request(`${SEND_PICKS} ${pathname}`, () =>
				this.#database.plan(records?.flatMap(readPick) ?? null),
			)
			await this.#read()
			if (!registration) return
			if (this.waiting === 0) continue
			this.#settle(await askWorker(registration), registration)
			await this.#read()
		}
	}

	#settle(outcome: Outcome | null, registration: ServiceWorkerRegistration): void {
		this.outcome = outcome
		clearTimeout(this.#timer)
		if (outcome?.kind === 'gone') this.collects = false
		if (outcome?.kind === 'wait')
			this.#timer = setTimeout(
				() => this.#syncAside(),
				Math.min(outcome.seconds * 1000, 2 ** 31 - 1),
			)
		if (outcome?.kind !== 'wait' && outcome?.kind !== 'offline') return
		const { sync } = registration as ServiceWorkerRegistration & { readonly sync?: SyncManager }
		// Where there is none, or it is not allowed, the next visit or the network's return does it.
		sync?.register(SEND_PICKS).catch(() => {})
	}

	async #askServer(): Promise<void> {
		if (!(await findRegistration())) return
		const answer = await fetch(new URL('api/collect', document.baseURI), { cache: 'no-store' })
			.then((response) => (response.ok ? response.json() : null))
			.catch(() => null)
		this.collects = v.is(CollectsPicks, answer)
	}

	async #decide(consent: Consent): Promise<void> {
		await this.#database.setConsent(consent)
		remembered.set(consent)
		this.consent = consent
		// The answer holds, whatever becomes of sending.
		this.#syncAside()
	}

	/** Where it fails, the next pick or visit tries again. */
	#syncAside(): void {
		void this.sync().catch(() => {})
	}

	async #read(): Promise<void> {
		const { consent, sent, waiting, refused, notRemoved } = await this.#database.readStatus()
		this.consent = consent
		this.isRead = true
		this.sent = sent
		this.waiting = waiting
		this.refused = refused
		this.notRemoved = notRemoved
	}
}

let state: SendingState | null = null

/** The one of this page. */
export function sendingOf(picks: PicksState): SendingState {
	if (!state) {
		state = new SendingState(picks)
		// Without storage nothing was agreed.
		state.start().catch(() => {})
	}
	return state
}

function readPick(record: unknown): Feedback[] {
	const { success, output } = v.safeParse(Feedback, record)
	return success ? [output] : []
}

/** Undefined where the browser has none for this page, as in some private windows: then nothing is sent. */
async function findRegistration(): Promise<ServiceWorkerRegistration | undefined> {
	return navigator.serviceWorker?.getRegistration(document.baseURI).catch(() => undefined)
}

/** @returns null where it does not answer */
function askWorker({ active }: ServiceWorkerRegistration): Promise<Outcome | null> {
	if (!active) return Promise.resolve(null)
	const { port1, port2 } = new MessageChannel()
	return new Promise((done) => {
		const timer = setTimeout(() => done(null), 120_000)
		port1.onmessage = ({ data }) => {
			clearTimeout(timer)
			const { success, output } = v.safeParse(Outcome, data)
			done(success ? output : null)
		}
		active.postMessage(SEND_PICKS, [port2])
	})
}
