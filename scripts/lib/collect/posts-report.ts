// What came of `collect posts`, as a person reads it.
import { LEFT_OUT, type LeftOut } from '../posts/parse-row.ts'
import { formatCount, formatSeconds } from '../progress.ts'
import type { CollectPostsReport } from './collect-posts.ts'

const MAX_FAILURES_SHOWN = 10

/** Lines: what was added, then only what there is something to say about. */
export function formatPostsReport(report: CollectPostsReport): string {
	const { posts, subreddits, seconds } = report
	const lines = [
		`${formatCount(posts.added)} new posts of ${formatCount(subreddits.finished)} subreddits in ${formatSeconds(seconds)}; ${formatCount(posts.known)} were known`,
		formatLeftOut(report),
		formatRefused(report),
		...formatFailures(report),
		subreddits.left > 0
			? `${formatCount(subreddits.left)} are still being read by another collector`
			: '',
	]
	return lines.filter((line) => line !== '').join('\n')
}

function formatLeftOut({ posts }: CollectPostsReport): string {
	const reasons = [
		...Object.entries(LEFT_OUT).map(([reason, text]) => [posts[reason as LeftOut], text] as const),
		[posts.elsewhere, 'of another subreddit'],
		[posts.broken, 'unreadable'],
	] as const
	const parts = reasons
		.filter(([count]) => count > 0)
		.map(([count, reason]) => `${formatCount(count)} ${reason}`)
	return parts.length > 0 ? `left out: ${parts.join(', ')}` : ''
}

function formatRefused({ refused, subreddits }: CollectPostsReport): string {
	if (subreddits.setAside === 0) return ''
	const now = Object.entries(refused).map(([reason, count]) => `${formatCount(count)} ${reason}`)
	const asked = Object.values(refused).reduce((sum, count) => sum + count, 0)
	if (subreddits.setAside > asked)
		now.push(`${formatCount(subreddits.setAside - asked)} not asked again yet`)
	return `set aside: ${now.join(', ')}`
}

function formatFailures({ failures }: CollectPostsReport): string[] {
	const shown = failures
		.slice(0, MAX_FAILURES_SHOWN)
		.map(({ name, why }) => `could not be read: r/${name} (${why})`)
	const more = failures.length - shown.length
	return more > 0 ? [...shown, `and ${formatCount(more)} more`] : shown
}
