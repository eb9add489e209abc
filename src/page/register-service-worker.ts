// Keeps the page itself for visits without a network. Only the built page has a service worker to register.

export function registerServiceWorker(): void {
	if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
	// Without it (private windows, no HTTPS) the page works, but opens only with a network.
	navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI)).catch(() => {})
}
