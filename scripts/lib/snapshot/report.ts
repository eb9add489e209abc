// The readable form of a snapshot: the summary that the command prints, and report.md in its folder.
import { sayNewest } from '../../../src/shared/metrics.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import { groupByReason } from './apply-policy.ts'
import type { Snapshot } from './snapshot-schema.ts'

const LARGEST_SHOWN = 10

/** A line for each count that is not zero. */
export function formatCounts(snapshot: Snapshot): string {
	const { counts, policy = [] } = snapshot
	const byPolicy = groupByReason(policy).map(
		({ reason, posts, names }): [string, number, string] => [
			`left out: policy, ${reason}`,
			posts,
			`${formatCount(names.length)} subreddits`,
		],
	)
	const notes = describeParts(snapshot)
	const always: [string, number, string?][] = [
		['training lines', counts.train, notes.train],
		['validation lines', counts.valid, notes.valid ?? ''],
		['test lines', counts.test, notes.test],
		['labels', counts.labels],
	]
	const sometimes: [string, number, string?][] = [
		['lines from feedback', counts.feedbackLines, `${counts.feedbackTitles} titles`],
		['test lines from feedback', counts.feedbackTestLines],
		['left out: feedback, no label', counts.feedbackLeftOut ?? 0],
		['left out: empty titles', counts.emptyTitles],
		['left out: posts on profiles', counts.profilePosts ?? 0],
		['left out: rare subreddits', counts.rareSubredditPosts, `${counts.rareSubreddits} subreddits`],
		...byPolicy,
		['left out: reposts', counts.repostsLeftOut],
		['left out: above the maximum', counts.cappedPosts],
		['reposts under one subreddit', counts.reposts],
		['titles under several subreddits', counts.crossposts],
		['test posts of other subreddits', counts.unknownLabelTest],
		[
			'test titles also in training',
			counts.testInTraining,
			`${counts.testRepeats} repeats left out`,
		],
	]
	return [...always, ...sometimes.filter(([, count]) => count > 0)]
		.map(([name, count, note = '']) =>
			`${name.padEnd(32)}${formatCount(count).padStart(12)}  ${note}`.trimEnd(),
		)
		.join('\n')
}

/** What is of which file. */
function describeParts(snapshot: Snapshot): { train: string; valid?: string; test: string } {
	const { from, until, testFrom, testUntil } = snapshot
	const window = (start: string, end: string) => `${start.slice(0, 10)} until ${end.slice(0, 10)}`
	const [train, test] = [window(from, until), window(testFrom, testUntil)]
	if (snapshot.split !== 'newest') return { train, test }
	const { testPosts, validationPosts } = snapshot.flags
	return {
		train,
		valid: `each subreddit's ${validationPosts} before those of the test`,
		test: `${sayNewest(Number(testPosts))}, ${test}`,
	}
}

function describeSplit({ split, flags }: Snapshot): string {
	const { testPosts, validationPosts, minPosts } = flags
	const newest = sayNewest(Number(testPosts))
	const ways = {
		time: 'Split by time',
		newest: `Tested on ${newest}, validated on the ${validationPosts} before those, trained on older ones; subreddits with fewer than ${minPosts} of these are left out`,
		random: 'Split at random',
		all: 'All posts are for training',
	}
	return ways[split]
}

/** Nothing in it depends on when or where it was made, because the same content has the same hash. */
export function formatSnapshotReport(snapshot: Snapshot): string {
	const { labels, months, flags, hash, normalizer, database } = snapshot
	const byPosts = labels.toSorted((a, b) => b.train - a.train)
	return `# Snapshot ${hash.slice(0, 12)}

${describeSplit(snapshot)}; titles normalised by version ${normalizer}, ${formatCount(database.posts)} posts read.

${indent(formatCounts(snapshot))}

Asked for: ${Object.entries(flags)
		.filter(([, value]) => value !== null)
		.map(([name, value]) => `${name} ${value}`)
		.join(', ')}.

## By month

${indent(tableOf('month', months, 'month'))}
${formatPolicy(snapshot)}
## Labels with the most training lines

${indent(tableOf('subreddit', byPosts.slice(0, LARGEST_SHOWN), 'name'))}

## Labels with the fewest

${indent(tableOf('subreddit', byPosts.slice(-LARGEST_SHOWN), 'name'))}
`
}

function formatPolicy({ policy = [] }: Snapshot): string {
	if (policy.length === 0) return ''
	const groups = groupByReason(policy).map(
		({ reason, names }) => `${reason}, ${formatCount(names.length)}: ${names.join(', ')}.`,
	)
	return `
## Left out: may not be suggested

${groups.join('\n\n')}
`
}

type Counts = Pick<Snapshot['labels'][number], 'train' | 'valid' | 'test'>

function tableOf<Key extends string>(
	head: string,
	rows: readonly (Counts & Readonly<Record<Key, string>>)[],
	key: Key,
): string {
	const cells = rows.map((row) => [row[key], ...[row.train, row.valid, row.test].map(formatCount)])
	return formatTable([[head, 'training', 'validation', 'test'], ...cells])
}

// A block of code in Markdown: the columns stay where they are.
function indent(text: string): string {
	return text.replace(/^/gm, '    ')
}
