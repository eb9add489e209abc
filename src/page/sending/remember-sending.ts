// Whether somebody was asked about sending picks on an earlier visit: who was not loads nothing of it. Main thread.
import { nameForSite } from '../../shared/site-name.ts'

const name = () => nameForSite('whichsub-sending', document.baseURI)

export function rememberSending(): void {
	try {
		localStorage.setItem(name(), 'asked')
	} catch {}
}

export function wasAskedToSend(): boolean {
	try {
		return localStorage.getItem(name()) !== null
	} catch {
		return false
	}
}
