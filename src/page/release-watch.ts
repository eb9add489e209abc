// When an open page looks for another release: on coming back to it, on a network's return, and every few minutes.

const CHECK_INTERVAL_MS = 5 * 60_000

/** @returns stops watching */
export function watchForReleases(check: () => void): () => void {
	const checkIfSeen = () => {
		if (document.visibilityState === 'visible') check()
	}
	const timer = setInterval(checkIfSeen, CHECK_INTERVAL_MS)
	document.addEventListener('visibilitychange', checkIfSeen)
	window.addEventListener('online', checkIfSeen)
	return () => {
		clearInterval(timer)
		document.removeEventListener('visibilitychange', checkIfSeen)
		window.removeEventListener('online', checkIfSeen)
	}
}
