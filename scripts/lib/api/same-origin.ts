// Whether a request comes from a page of this server: nobody else's page may send picks in its visitors' names.
import type { IncomingMessage } from 'node:http'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** @param proxyHost the page's host, where a proxy answers for us */
export function isFromOwnPage({ headers }: IncomingMessage, proxyHost?: string): boolean {
	return proxyHost === undefined ? isFromLoopback(headers) : isFromHost(headers, proxyHost)
}

type Headers = IncomingMessage['headers']

function isFromLoopback({ host = '', origin, ...headers }: Headers): boolean {
	// A name that somebody points at this machine makes their page one of ours.
	if (!LOOPBACK.test(host)) return false
	const site = headers['sec-fetch-site']
	if (site !== undefined) return site === 'same-origin'
	return originHost(origin) === host
}

// Such a page can send any X-Forwarded-Host, past the proxy, but no Origin except its own.
function isFromHost({ host = '', origin, ...headers }: Headers, proxyHost: string): boolean {
	const named = [headers['x-forwarded-host'] ?? host].flat().join()
	if (hostOf(named) !== hostOf(proxyHost) || originHost(origin) !== hostOf(proxyHost)) return false
	return (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin'
}

/** As a page's address says it: in lower case, without the port of HTTPS; null where it is no host. */
export function hostOf(text: string): string | null {
	if (/[/?#@\\\s]/.test(text) || !URL.canParse(`https://${text}`)) return null
	return new URL(`https://${text}`).host
}

function originHost(origin: string | undefined): string | null {
	return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null
}
