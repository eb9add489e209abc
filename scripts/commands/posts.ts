// `whichsub posts …`: what the database holds, and less of it.
import { Command } from '@commander-js/extra-typings'
import {
	asCommand,
	type CreateCommand,
	checkUsage,
	parseDate,
	parsePositiveInteger,
} from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { checkPruneOptions, prunePosts } from '../lib/posts/prune.ts'
import { formatPostStats, readPostStats } from '../lib/posts/stats.ts'
import { formatCount } from '../lib/progress.ts'

const DEFAULT_TOP = 20

export const createPostsCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('posts')
			.description('show and thin out the posts of the database')
			.addCommand(asCommand(createStats(effects)))
			.addCommand(asCommand(createPrune(effects))),
	)

function createStats(effects: () => Effects) {
	return new Command('stats')
		.description('posts by month and by subreddit')
		.option('--top <number>', 'subreddits in the table', parsePositiveInteger, DEFAULT_TOP)
		.option('--json', 'print everything as one JSON object')
		.action(async ({ top, json }) => {
			const io = effects()
			const stats = await readPostStats(io)
			io.out(json ? JSON.stringify(stats) : formatPostStats(stats, top))
		})
}

function createPrune(effects: () => Effects) {
	return new Command('prune')
		.description('take posts out for good; several rules apply one after the other')
		.option('--before <date>', 'posts created before this day go', parseDate)
		.option('--keep-newest <number>', 'of each subreddit so many stay', parsePositiveInteger)
		.option('--min-posts <number>', 'subreddits with fewer posts go', parsePositiveInteger)
		.option('--dry-run', 'only tell how many would go', false)
		.option('--json', 'print the counts as one JSON object')
		.action(async ({ json, ...options }, command) => {
			checkUsage(command, () => checkPruneOptions(options))
			const io = effects()
			const counts = await prunePosts(options, io)
			const { pruned, kept } = counts
			const verb = options.dryRun ? 'would go' : 'are gone'
			io.out(
				json
					? JSON.stringify(counts)
					: `${formatCount(pruned)} posts ${verb}, ${formatCount(kept)} stay`,
			)
		})
}
