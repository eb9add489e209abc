// One tab at a time downloads a release; the others wait for it and show how far it is.
import * as v from 'valibot'
import type { LoadProgress } from '../shared/classifier-protocol.ts'

/**
 * Longer than a download may stall before it fails: a tab that shows nothing for this long, as one that the browser has
 * frozen, is no longer waited for.
 */
const PATIENCE_MS = 25_000

const Progress = v.variant('step', [
	v.object({ step: v.literal('download'), receivedBytes: v.number(), totalBytes: v.number() }),
	v.object({ step: v.literal('verify') }),
])

/** What a tab says when it begins to wait; the one that downloads answers with how far it is. */
const QUESTION = 'how far?'

type OnProgress = (progress: LoadProgress) => void

export interface Turn<T> {
	/** The same in all tabs that share the work. */
	readonly name: string
	readonly onProgress: OnProgress
	/** Asked when there is a result: the other tabs wait until this resolves. */
	isOver(result: T): Promise<void>
}

/**
 * Runs the work when no other tab runs it for the same name. Where the browser has no locks, or refuses them, it runs at
 * once: a second download is better than none.
 *
 * @param work is given where to tell its progress, which the waiting tabs get too
 */
export function takeTurn<T>(
	{ name, onProgress, isOver }: Turn<T>,
	work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
	if (!navigator.locks || !globalThis.BroadcastChannel) return work(onProgress)
	const channel = new BroadcastChannel(name)
	const waiting = waitWith(channel, onProgress)
	let hasBegun = false
	return new Promise((resolve, reject) => {
		const begin = async () => {
			hasBegun = true
			waiting.end()
			// A sign of life, as the page has heard nothing while this tab waited.
			onProgress({ step: 'find' })
			const result = await work(tellAll(channel, onProgress))
			resolve(result)
			await isOver(result)
		}
		navigator.locks
			.request(name, { signal: waiting.signal }, begin)
			.catch((error: unknown) => (hasBegun ? Promise.reject(error) : begin()))
			.catch(reject)
			.finally(() => channel.close())
	})
}

/** Tells progress here and in the tabs that wait, also in those that begin to wait later. */
function tellAll(channel: BroadcastChannel, onProgress: OnProgress): OnProgress {
	let last: LoadProgress | null = null
	channel.onmessage = ({ data }) => {
		if (data === QUESTION && last) channel.postMessage(last)
	}
	return (progress) => {
		last = progress
		channel.postMessage(progress)
		onProgress(progress)
	}
}

/** Passes on what the tab that downloads tells, and gives up when it tells nothing more. */
function waitWith(
	channel: BroadcastChannel,
	onProgress: OnProgress,
): { readonly signal: AbortSignal; end(): void } {
	const patience = new AbortController()
	const start = () => setTimeout(() => patience.abort(), PATIENCE_MS)
	let timer = start()
	channel.onmessage = ({ data }) => {
		const progress = v.safeParse(Progress, data)
		if (!progress.success) return
		clearTimeout(timer)
		timer = start()
		onProgress(progress.output)
	}
	channel.postMessage(QUESTION)
	return {
		signal: patience.signal,
		end() {
			clearTimeout(timer)
			channel.onmessage = null
		},
	}
}
