// `whichsub release …`: candidates become releases, and channels serve them.
import { Argument, Command, Option } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { ChannelName } from '../../src/shared/releases.ts'
import { ReleaseVersion, SubredditName } from '../../src/shared/schema-parts.ts'
import { asCommand, type CreateCommand } from '../lib/command.ts'
import type { Effects } from '../lib/effects.ts'
import { formatRestoration, restoreRelease } from '../lib/executions/restore.ts'
import { asCount, asCountOrNone, asShare, readAs, readEachAs } from '../lib/flag-values.ts'
import { publish } from '../lib/nodes/publish.ts'
import { DEFAULT_CANARY_SHARE, promote, rollback } from '../lib/releases/channels.ts'
import {
	formatChange,
	formatPruning,
	formatPublication,
	formatWithheld,
} from '../lib/releases/format.ts'
import { formatList, listReleases, toListJson, warnOfUnlisted } from '../lib/releases/list.ts'
import { pruneReleases } from '../lib/releases/prune.ts'
import { checkDestination, formatPush, pushRelease } from '../lib/releases/push.ts'
import { formatCheck, verifyReleases } from '../lib/releases/verify.ts'
import { withhold } from '../lib/releases/withhold.ts'
import { addressOption, dryRunOption, PUSH_NOTE, toOption, whyOption } from './release-options.ts'

/** One step back, as `release rollback` without more thought goes. */
const DEFAULT_KEPT_ROLLBACKS = 1

export const createReleaseCommand: CreateCommand = (effects) =>
	asCommand(
		new Command('release')
			.description('publish releases and choose which one each channel serves')
			.addCommand(asCommand(createPublish(effects)))
			.addCommand(asCommand(createPush(effects)))
			.addCommand(asCommand(createPromote(effects)))
			.addCommand(asCommand(createRollback(effects)))
			.addCommand(asCommand(createWithhold(effects)))
			.addCommand(asCommand(createPrune(effects)))
			.addCommand(asCommand(createRestore(effects)))
			.addCommand(asCommand(createList(effects)))
			.addCommand(asCommand(createVerify(effects))),
	)

function createPublish(effects: () => Effects) {
	return new Command('publish')
		.description('make a release of a quantized model; no channel serves it yet')
		.option(
			'--execution <id>',
			'number of the quantized model or of its evaluation (default: the latest)',
			asCount,
		)
		.addOption(toOption())
		.addOption(addressOption())
		.addOption(whyOption())
		.addOption(dryRunOption())
		.option('--json', 'print the manifest as one JSON object')
		.addHelpText('after', PUSH_NOTE)
		.action(async ({ json, to, address, ...options }, command) => {
			if (address !== undefined && to === undefined) command.error('error: --address is for --to')
			const io = effects()
			// Before the minutes that a publish may take.
			if (to !== undefined) await checkDestination({ to, address }, io)
			const publication = await publish(options, io)
			io.out(json ? JSON.stringify(publication.manifest) : formatPublication(publication, io))
			if (to === undefined || options.dryRun) return
			const { version } = publication.manifest
			const push = await pushRelease({ release: version, to, address, dryRun: false }, io)
			const print = json ? io.err : io.out
			print(formatPush(push, options))
		})
}

function createPush(effects: () => Effects) {
	return new Command('push')
		.description('put the files of a release into a bucket; pages then load them from there')
		.argument('<release>', 'version of the release, or the channel that serves it')
		.addOption(toOption().makeOptionMandatory())
		.addOption(addressOption())
		.option('--move', 'then remove the files here; manifest and report stay')
		.addOption(dryRunOption())
		.option('--json', 'print one JSON object')
		.addHelpText('after', PUSH_NOTE)
		.action(async (release, { json, to = '', ...options }) => {
			const io = effects()
			const push = await pushRelease({ release, to, ...options }, io)
			io.out(json ? JSON.stringify(push) : formatPush(push, options))
		})
}

const GATE_NOTE = `
Production serves only a release that passed the gate (compare production VERSION --gate) over the release that production
serves now. The very first one needs no gate. Staging and canary serve any release.`

function createPromote(effects: () => Effects) {
	return new Command('promote')
		.description('make a channel serve a release, after checking its files')
		.addArgument(
			new Argument('<version>', 'version of the release').argParser(readAs(ReleaseVersion)),
		)
		.addOption(channelOption())
		.option(
			'--share <number>',
			`share of visitors that the canary channel gets (default: ${DEFAULT_CANARY_SHARE})`,
			asShare,
		)
		.option('--force', 'promote to production without a passed gate; --why goes into the history')
		.addOption(whyOption())
		.addOption(dryRunOption())
		.addHelpText('after', GATE_NOTE)
		.action(async (version, options, command) => {
			if (options.share !== undefined && options.channel !== 'canary')
				command.error('error: --share is for --channel canary')
			if (options.force && options.channel !== 'production')
				command.error('error: --force is for --channel production')
			if (options.force && options.why === '') command.error('error: --force needs --why')
			const io = effects()
			io.out(formatChange(await promote({ ...options, version }, io), options))
		})
}

function createRollback(effects: () => Effects) {
	return new Command('rollback')
		.description(
			'make a channel serve the release that it served before; repeat to go further back',
		)
		.addOption(channelOption())
		.addOption(whyOption())
		.addOption(dryRunOption())
		.action(async (options) => {
			const io = effects()
			io.out(formatChange(await rollback(options, io), options))
		})
}

const WITHHOLD_NOTE = `
Use this for a subreddit that may no longer be suggested; nothing is trained. releases.json lists it, and from then on
predict, serve and pages (when they next look) neither suggest it nor offer it to people who type a name. --by-policy adds
every subreddit that the served releases can name and that today's policy refuses by name (policy-terms.yaml, and never in
whichsub.yaml). The next training leaves such subreddits out by itself.`

/** With or without `r/`. */
const NamedSubreddit = v.pipe(
	v.string(),
	v.transform((text) => text.replace(/^\/?r\//i, '')),
	SubredditName,
)

function createWithhold(effects: () => Effects) {
	return new Command('withhold')
		.description('stop suggesting subreddits that released models have learnt')
		.addArgument(
			new Argument('[names...]', 'names of subreddits, with or without r/').argParser(
				readEachAs(NamedSubreddit),
			),
		)
		.option('--by-policy', 'those that the policy refuses by their names, too', false)
		.option('--undo', 'suggest the named ones again', false)
		.addOption(whyOption())
		.addOption(dryRunOption())
		.option('--json', 'print one JSON object')
		.addHelpText('after', WITHHOLD_NOTE)
		.action(async (names, { json, ...options }) => {
			const io = effects()
			const change = await withhold({ ...options, names: names ?? [] }, io)
			io.out(json ? JSON.stringify(change) : formatWithheld(change, options))
		})
}

const PRUNE_NOTE = `
These releases are kept whole: what each channel serves, what --keep rollbacks of it would serve, and what was published
after the release that production serves. Of the others, manifest, report and history stay, so that pages and reports still
show them. Models that git has committed stay in its history; release restore brings them back. For a release that was
pushed elsewhere, prune first reads its files there, then deletes the copies here. Pages load it as before.`

function createPrune(effects: () => Effects) {
	return new Command('prune')
		.description('remove the models of releases that no channel and no rollback needs')
		.option(
			'--keep <number>',
			'how many rollbacks of each channel stay possible',
			asCountOrNone,
			DEFAULT_KEPT_ROLLBACKS,
		)
		.addOption(dryRunOption())
		.option('--json', 'print one JSON object')
		.addHelpText('after', PRUNE_NOTE)
		.action(async ({ json, ...options }) => {
			const io = effects()
			const pruning = await pruneReleases(options, io)
			io.out(json ? JSON.stringify(pruning) : formatPruning(pruning, options))
		})
}

const RESTORE_NOTE = `
The files are taken from the release's folder, if a copy was put back there (git checkout COMMIT -- FOLDER). Otherwise they
are made again from its records; posts, list of subreddits and code must then be those that made it. The files of a release
that was pushed elsewhere are downloaded, and pages load them from here again. Nothing is kept unless every byte is the same.`

function createRestore(effects: () => Effects) {
	return new Command('restore')
		.description('bring back the files of a release that was pruned, or pushed elsewhere')
		.addArgument(
			new Argument('<version>', 'version of the release').argParser(readAs(ReleaseVersion)),
		)
		.option('--json', 'print one JSON object')
		.addHelpText('after', RESTORE_NOTE)
		.action(async (version, { json }) => {
			const io = effects()
			const restoration = await restoreRelease(version, io)
			io.out(json ? JSON.stringify(restoration) : formatRestoration(restoration))
		})
}

function createList(effects: () => Effects) {
	return new Command('list')
		.description('list the releases, newest first, and the channels that serve them')
		.option('--json', 'print one JSON array')
		.action(async ({ json }) => {
			const io = effects()
			const releases = await listReleases(io)
			io.out(json ? JSON.stringify(toListJson(releases)) : formatList(releases))
			await warnOfUnlisted(io)
		})
}

function createVerify(effects: () => Effects) {
	return new Command('verify')
		.description('check the size and SHA-256 of every file of the releases, wherever it is kept')
		.addArgument(
			new Argument('[versions...]', 'which releases (default: all)').argParser(
				readEachAs(ReleaseVersion),
			),
		)
		.action(async (versions) => {
			const io = effects()
			await warnOfUnlisted(io)
			const checked = await verifyReleases(versions ?? [], io, (check) =>
				io.out(formatCheck(check)),
			)
			if (checked === 0) io.out('no release yet; run: release publish')
		})
}

function channelOption() {
	return new Option('--channel <name>', 'which channel')
		.choices(ChannelName.options)
		.default('production' as const)
}
