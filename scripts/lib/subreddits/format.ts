// Lists of subreddits in words: what an import read, and which lists there are. Pure.
import { printable } from '../printable.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { ImportCounts } from './import.ts'
import type { ListDate } from './list-date.ts'
import { formatDay, type StoredList } from './lists.ts'

const HOW_DATED: Readonly<Record<ListDate['from'], string>> = {
	rows: 'the newest day that its rows name',
	option: 'as --as-of says',
	youngest: 'when its youngest subreddit was created; --as-of DATE says it better',
	file: 'when the file was changed; --as-of DATE says it better',
	now: 'now; --as-of DATE says it better',
	nothing: 'its date is unknown: every other list is newer; --as-of DATE says it',
}

export function formatImport(counts: ImportCounts): string {
	const { read, added, updated, profiles, broken, says, date } = counts
	const line = (label: string, count: number, note = '') =>
		`${label.padEnd(30)}${formatCount(count).padStart(12)}  ${note}`.trimEnd()
	const day = date.asOf === null ? '' : `${formatDay(date.asOf)}: `
	return [
		line('read', read),
		line('added', added),
		line('updated', updated),
		line('say how many subscribers', says.subscribers),
		line('say whether 18+', says.over18, `${formatCount(says.marked18)} are`),
		line('say what they are about', says.description),
		...(profiles > 0 ? [line('left out: profiles of users', profiles)] : []),
		...(broken > 0 ? [line('left out: broken', broken)] : []),
		`the list is of ${day}${HOW_DATED[date.from]}`,
	].join('\n')
}

export function formatLists(lists: readonly StoredList[]): string {
	if (lists.length === 0) return 'no lists yet; whichsub subreddits import FILE brings one'
	const head = ['list', 'of', 'subreddits', 'with size', '18+ said', '18+', 'described', 'file']
	const rows = lists.map((list) => [
		`#${list.id}`,
		list.asOf ?? '?',
		...[list.subreddits, list.subscribers, list.over18, list.marked18, list.descriptions].map(
			formatCount,
		),
		`${printable(list.name)}${list.isWhole ? '' : ' (stopped before its end)'}`,
	])
	return formatTable([head, ...rows], { lastIsText: true })
}
