// What a commit to the releases says: the newest change of a channel. Pure.
import type { Releases } from '../../../src/shared/releases.ts'

/** As in `production: 20200602.0 → 20200701.0 (better on the posts of June)`. */
export function describeNewestChange({ history }: Releases): string {
	const newest = history.at(-1)
	if (!newest) return 'Releases'
	const { channel, from, to, action, share, why } = newest
	const shared = share === undefined ? '' : ` for ${Math.round(share * 100)}% of visitors`
	const reason = why === '' ? '' : ` (${why})`
	const moved = `${channel}: ${from ?? 'nothing'} → ${to ?? 'nothing'}${shared}${reason}`
	return action === 'rollback' ? `Roll back ${moved}` : `Promote ${moved}`
}
