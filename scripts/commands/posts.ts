// `whichsub posts …`: shows what the database holds, and removes posts from it.
import { Command } from '@commander-js/extra-typings'
import { asCommand, type CreateCommand, checkUsage } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { asCount, asDate, readEachAs } from '../lib/flag-values.ts'
import { count } from '../lib/parameter-parts.ts'
import { copyPosts } from '../lib/posts/copy.ts'
import { checkPruneOptions, prunePosts } from '../lib/posts/prune.ts'
import { forgetSources, formatSources, readSources } from '../lib/posts/sources.ts'
import { formatPostStats, readPostStats } from '../lib/posts/stats.ts'
import { CORRECTION_RULE } from '../lib/posts/write-posts.ts'
import { formatCount } from '../lib/progress.ts'

const DEFAULT_TOP = 20

const FORGET_NOTES = `
A post belongs to the source that added it or corrected it last. Posts that the source had replaced or removed do not come
back by themselves: ingest a sound copy of the file, or the older files, again.`

export const createPostsCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('posts')
			.description('show the posts of the database, remove some of them, and copy them')
			.addCommand(asCommand(createStats(effects)))
			.addCommand(asCommand(createSources(effects)))
			.addCommand(asCommand(createForget(effects)))
			.addCommand(asCommand(createPrune(effects)))
			.addCommand(asCommand(createCopy(effects))),
	)

function createStats(effects: () => Effects) {
	return new Command('stats')
		.description('count the posts by month and by subreddit')
		.option('--top <number>', 'how many subreddits to list', asCount, DEFAULT_TOP)
		.option('--json', 'print everything as one JSON object')
		.action(async ({ top, json }) => {
			const io = effects()
			const stats = await readPostStats(io)
			io.out(json ? JSON.stringify(stats) : formatPostStats(stats, top))
		})
}

function createSources(effects: () => Effects) {
	return new Command('sources')
		.description('list the files and collector runs that the posts came from, newest first')
		.option('--top <number>', 'how many sources to list', asCount, DEFAULT_TOP)
		.option('--json', 'print all of them as one JSON array')
		.action(async ({ top, json }) => {
			const io = effects()
			const sources = await readSources(io)
			io.out(json ? JSON.stringify(sources) : formatSources(sources, top))
		})
}

function createForget(effects: () => Effects) {
	return new Command('forget')
		.description('remove for good all posts that came from a source, such as a damaged file')
		.requiredOption(
			'--source <id...>',
			'numbers of sources, as listed by posts sources',
			readEachAs(count()),
		)
		.option('--dry-run', 'only say how many posts would be removed', false)
		.option('--json', 'print the counts as one JSON object')
		.addHelpText('after', FORGET_NOTES)
		.action(async ({ source, dryRun, json }) => {
			const io = effects()
			const counts = await forgetSources(source, { dryRun }, io)
			const { forgotten, kept } = counts
			io.out(json ? JSON.stringify(counts) : formatGone(forgotten, kept, dryRun))
		})
}

function formatGone(gone: number, kept: number, dryRun: boolean): string {
	const verb = dryRun ? 'would be removed' : 'removed'
	return `${formatCount(gone)} posts ${verb}, ${formatCount(kept)} kept`
}

function createPrune(effects: () => Effects) {
	return new Command('prune')
		.description('remove posts for good; the rules given apply one after the other')
		.option('--before <date>', 'remove posts created before this day', asDate)
		.option(
			'--keep-newest <number>',
			'keep only this many posts of each subreddit, the newest',
			asCount,
		)
		.option('--min-posts <number>', 'remove subreddits with fewer posts', asCount)
		.option('--dry-run', 'only say how many posts would be removed', false)
		.option('--json', 'print the counts as one JSON object')
		.action(async ({ json, ...options }, command) => {
			checkUsage(command, () => checkPruneOptions(options))
			const io = effects()
			const counts = await prunePosts(options, io)
			const { pruned, kept } = counts
			io.out(json ? JSON.stringify(counts) : formatGone(pruned, kept, options.dryRun))
		})
}

const COPY_NOTES = `
Posts and their sources are copied, so the copy gives the same snapshot. Lists of subreddits and picks are not copied.
WHICHSUB_TO_TOKEN is the token of the other database. If a copy is interrupted, run the command again.

${CORRECTION_RULE}`

function createCopy(effects: () => Effects) {
	return new Command('copy')
		.description('copy the posts into another database, such as ClickHouse')
		.requiredOption('--to <url>', 'the other database, written like WHICHSUB_DATABASE_URL')
		.option('--json', 'print the counts as one JSON object')
		.addHelpText('after', COPY_NOTES)
		.action(async ({ to, json }) => {
			const io = effects()
			const counts = await copyPosts({ to }, io)
			const { read, added, corrected, known } = counts
			io.out(
				json
					? JSON.stringify(counts)
					: `${formatCount(read)} posts read: ${formatCount(added)} added, ${formatCount(corrected)} corrected, ${formatCount(known)} known already`,
			)
		})
}
