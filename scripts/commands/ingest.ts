// `whichsub ingest FILE…`: reads public dumps and other files of posts into the database.
import { Command, Option } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, checkUsage } from '../lib/command.ts'
import { asCount, asDate, asWholeNumber } from '../lib/flag-values.ts'
import {
	checkAllRead,
	checkProblemsOptions,
	PROBLEMS_HELP,
	PROBLEMS_RULE,
} from '../lib/posts/broken-rows.ts'
import { type IngestCounts, ingest } from '../lib/posts/ingest.ts'
import { LEFT_OUT, type LeftOut } from '../lib/posts/parse-row.ts'
import { KEEPS, NOT_CHOSEN, type NotChosen, readSubredditsFile } from '../lib/posts/selection.ts'
import { CORRECTION_RULE } from '../lib/posts/write-posts.ts'
import { formatCount } from '../lib/progress.ts'

const NOTES = `
Files may be JSON Lines, a JSON array, an answer of Reddit's or an archive's API, or a table whose first row names its columns
(CSV; also with tabs, semicolons or bars). They may be in UTF-8 or UTF-16, and compressed with zstd (any window) or gzip. The
format is recognised by the first bytes, whatever the name; - is stdin. Lines that are not UTF-8 are broken. For other
compressions: xzcat FILE | whichsub ingest -

${PROBLEMS_RULE}

${CORRECTION_RULE}
These posts are left out and counted by reason:
- deleted or removed posts, as their title or text says ("[removed]", "[ Removed by moderator ]", …), or a field of Reddit or
  Pushshift (removed_by_category, banned_by, removal_reason, spam, …), or Arctic Shift, which found them gone when it read
  them again (_meta); those that it found restored are kept
- posts on users' profiles (u_…), and adverts (promoted)
- posts marked over 18, unless --over-18 is given

--per-subreddit counts the posts of all files that are read together. Posts of these files beyond that number are removed
from the database again, even if an earlier run added them, so an interrupted run can be repeated. --keep sample gives each post
the same chance; the same --seed chooses the same posts.

A row needs id, created_utc, subreddit and title. Times may be seconds, milliseconds, ISO 8601, or as BigQuery and e-mail
write them; without a zone they are in UTC. A score that can't be read counts as 0, and an empty over_18 as no; the score
only decides what --min-score takes, and is not stored. Any other row is broken: it is counted, and reported with its line
and the reason.`

const LEFT_OUT_LABELS = Object.entries(LEFT_OUT).map(([name, text]) => [name, `left out: ${text}`])

const NOT_CHOSEN_LABELS = Object.entries(NOT_CHOSEN).map(([name, text]) => [
	name,
	`left out: ${text}`,
])

const LABELS: Readonly<Record<keyof IngestCounts, string>> = {
	read: 'read',
	added: 'added',
	corrected: 'corrected',
	known: 'known already',
	...(Object.fromEntries(LEFT_OUT_LABELS) as Record<LeftOut, string>),
	...(Object.fromEntries(NOT_CHOSEN_LABELS) as Record<NotChosen, string>),
	broken: 'left out: broken',
	withdrawn: 'removed',
}

export const createIngestCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('ingest')
			.description('read files of posts, such as the public dumps, into the database')
			.argument('<files...>', 'files of posts; - is stdin')
			.option('--over-18', 'keep posts marked over 18, too', false)
			.option('--from <date>', 'only posts from this day on (UTC), as in 2026-01-01', asDate)
			.option('--until <date>', 'only posts before this day (UTC)', asDate)
			.option('--min-score <number>', 'only posts with at least this many points', asWholeNumber)
			.option(
				'--subreddits <file>',
				'only posts of the subreddits named in this file, one name per line',
			)
			.option('--per-subreddit <number>', 'keep at most this many posts of each subreddit', asCount)
			.addOption(
				new Option('--keep <which>', 'which posts --per-subreddit keeps')
					.choices(KEEPS)
					.default('newest'),
			)
			.option('--seed <number>', 'random seed of --keep sample', asCount, 1)
			.option('--problems <file>', PROBLEMS_HELP)
			.option('--json', 'print the counts as one JSON object')
			.addHelpText('after', NOTES)
			.action(async (files, { over18, problems, json, subreddits, ...select }, command) => {
				checkUsage(command, () => checkProblemsOptions({ problems, files }))
				const io = effects()
				const names = subreddits ? await readSubredditsFile(subreddits) : null
				const lowerCase = names && new Set(names.map((name) => name.toLowerCase()))
				const { counts, failed } = await ingest(
					{ files, over18, problems, select: { ...select, subreddits: lowerCase ?? undefined } },
					io,
				)
				io.out(json ? JSON.stringify(counts) : formatCounts(counts))
				checkAllRead(failed, files.length)
			}),
	)

function formatCounts(counts: IngestCounts): string {
	const names = Object.keys(LABELS) as (keyof IngestCounts)[]
	return names
		.filter((name) => counts[name] > 0 || name === 'read' || name === 'added')
		.map((name) => `${LABELS[name].padEnd(38)}${formatCount(counts[name]).padStart(12)}`)
		.join('\n')
}
