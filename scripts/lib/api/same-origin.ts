// Whether a request comes from a page of this server: nobody else's page may send picks in its visitors' names.
import type { IncomingMessage } from 'node:http'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** @param isBehindProxy a proxy answers for us under a name of its own */
export function isFromOwnPage({ headers }: IncomingMessage, isBehindProxy: boolean): boolean {
	const { host = '', origin } = headers
	// A name that somebody points at this machine makes their page one of ours.
	if (!isBehindProxy && !LOOPBACK.test(host)) return false
	const site = headers['sec-fetch-site']
	if (site !== undefined) return site === 'same-origin'
	if (origin === undefined || !URL.canParse(origin)) return false
	const names = isBehindProxy ? [host, headers['x-forwarded-host']] : [host]
	return names.includes(new URL(origin).host)
}
