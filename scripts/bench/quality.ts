// `npm run bench -- quality`: production beside the release before it: forty titles that we judge, and real ones: whole, with words
// made unknown, and their first words; for each group what is claimed and what is true.
import { basename } from 'node:path'
import { indexPrior, PRIOR_CANDIDATES } from '../../src/model/prior.ts'
import { calibratePredictions, choosePredictions, Suggester } from '../../src/model/suggest.ts'
import type { LabelledTitle } from '../../src/model/training-text.ts'
import { AppError } from '../../src/shared/app-error.ts'
import type { Manifest } from '../../src/shared/manifest.ts'
import type { Metrics } from '../../src/shared/metrics.ts'
import type { Effects } from '../lib/effects.ts'
import { loadEngine } from '../lib/engine.ts'
import { hideWords } from '../lib/evaluation/made-titles.ts'
import { findModel, loadModel, type MeasurableModel } from '../lib/evaluation/models.ts'
import { scoreAll } from '../lib/evaluation/scoring.ts'
import { openDumps } from '../lib/evaluation/titles.ts'
import { readManifest } from '../lib/models/release.ts'
import { findRelease, readReleases } from '../lib/models/releases-json.ts'
import { formatCount } from '../lib/progress.ts'
import { createRandom } from '../lib/snapshot/random.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { FORTY_TITLES } from './forty-titles.ts'
import { samplePosts } from './sample-posts.ts'

/** Numbers of known words, each from its bound up to the next. */
const COUNTS = [1, 2, 3, 5, 9]
/** Shares of known words, each from its bound up to the next. */
const SHARES = [0, 0.5, 0.75, 0.9, 1]
const PREFIXES = [1, 2, 4]

interface Tally {
	titles: number
	claimed: number
	hits1: number
	hits5: number
}

interface Made extends LabelledTitle {
	readonly kind: string
}

export const benchQuality: Benchmark = async (effects) => {
	const [production, before] = await chooseReleases(effects)
	const { files } = await samplePosts(effects)
	const file = files.slice(-1)
	const measure = async (release: string) => {
		const model = await loadModel(await findModel(release, effects), effects)
		const tallies = await tallyTitles(model, makeTitles(openDumps(file, effects).read()))
		const releases = await readReleases(effects.modelsDir)
		const manifest = await readManifest(effects.modelsDir, findRelease(releases, release))
		return { model, manifest, tallies, forty: await judgeForty(model) }
	}
	const now = await measure(production)
	const then = before === null ? null : await measure(before)
	const note = `${now.model.name}, ${basename(file[0] ?? '')}`
	return [
		...releaseFigures(now.manifest, then?.manifest ?? null),
		...fortyFigures(now.forty, then && { name: then.model.name, forty: then.forty }),
		...[...now.tallies]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.flatMap(([name, tally]) => {
				const peer = then?.tallies.get(name)
				return toFigures(
					name,
					tally,
					peer ? { name: then?.model.name ?? '', tally: peer } : null,
					note,
				)
			}),
	]
}

/** The figures that the manifests have, measured when they were published, on posts that the note names. */
function releaseFigures(now: Manifest, then: Manifest | null): Figure[] {
	const { testFrom, testUntil } = now.metrics
	const days = `${testFrom.slice(0, 10)} until ${testUntil.slice(0, 10)}`
	const note = `as published, ${days}${now.twin ? `, measured on its twin (#${now.twin.execution})` : ''}`
	const names = Object.keys(now.metrics) as (keyof Metrics)[]
	const figures = names.flatMap((name): Figure[] => {
		const [value, before] = [now.metrics[name], then?.metrics[name]]
		if (typeof value !== 'number') return []
		const peer = then && before !== undefined ? { peer: { name: then.version, value: before } } : {}
		return [{ name: now.version, value, unit: name, ...peer, note }]
	})
	const size = { name: now.version, value: now.model.bytes / 1e6, unit: 'MB on the wire' }
	const peer = then && { peer: { name: then.version, value: then.model.bytes / 1e6 } }
	return [...figures, { ...size, ...peer }]
}

/** What production serves, and what it served before that. */
async function chooseReleases({ modelsDir }: Effects): Promise<[string, string | null]> {
	const { channels, history } = await readReleases(modelsDir)
	const { production } = channels
	if (production === null) throw new AppError('not-found', 'production serves no release')
	const change = history.findLast(
		({ channel, to }) => channel === 'production' && to === production,
	)
	return [production, change?.from ?? null]
}

interface Forty {
	readonly first: number
	readonly five: number
	/** Titles whose five have no acceptable subreddit, and what came first. */
	readonly missed: readonly string[]
}

async function judgeForty(model: MeasurableModel): Promise<Forty> {
	const engine = await loadEngine(model.bytes)
	const suggester = new Suggester(engine, model)
	const ranks = FORTY_TITLES.map(({ title, accept }) => {
		const { suggestions } = suggester.suggest(title)
		const rank = suggestions.findIndex(({ subreddit }) => accept.includes(subreddit))
		return { title, rank, first: suggestions[0]?.subreddit ?? 'nothing' }
	})
	engine.dispose()
	return {
		first: ranks.filter(({ rank }) => rank === 0).length,
		five: ranks.filter(({ rank }) => rank !== -1).length,
		missed: ranks
			.filter(({ rank }) => rank === -1)
			.map(({ title, first }) => `"${title}" (r/${first})`),
	}
}

function fortyFigures(
	{ first, five, missed }: Forty,
	peer: { readonly name: string; readonly forty: Forty } | null,
): Figure[] {
	const toFigure = (name: string, value: number, of: keyof Forty, note?: string): Figure => ({
		...{ name, value, unit: `of ${FORTY_TITLES.length}` },
		...(peer ? { peer: { name: peer.name, value: Number(peer.forty[of]) } } : {}),
		...(note ? { note } : {}),
	})
	return [
		toFigure('forty titles: acceptable first', first, 'first'),
		toFigure('forty titles: among five', five, 'five', `missed: ${missed.join(', ')}`),
	]
}

async function* makeTitles(titles: AsyncIterable<LabelledTitle>): AsyncGenerator<Made> {
	const random = createRandom(2)
	for await (const title of titles) {
		yield { ...title, kind: 'known' }
		yield { ...title, kind: 'known', text: hideWords(title.text, random) }
		const words = title.text.split(' ')
		for (const count of PREFIXES)
			if (words.length > count)
				yield {
					...title,
					kind: `first words: ${count}`,
					text: words.slice(0, count).join(' '),
				}
	}
}

async function tallyTitles(
	model: MeasurableModel,
	titles: AsyncIterable<Made>,
): Promise<Map<string, Tally>> {
	const weights = model.prior ? indexPrior(model.prior, model.labels) : null
	const tallies = new Map<string, Tally>()
	for await (const answer of scoreAll(model, titles, PRIOR_CANDIDATES)) {
		const { item, words, knownWords } = answer
		if (knownWords === 0) continue
		const predictions = choosePredictions(answer.predictions, weights)
		const [first] = calibratePredictions(model.calibration, predictions, answer)
		const rank = predictions.findIndex(({ label }) => label === item.subreddit)
		const groups = item.kind === 'known' ? [nameShare(knownWords / words)] : [item.kind]
		for (const name of [...groups, nameCount(knownWords)]) {
			const tally = tallies.get(name) ?? { titles: 0, claimed: 0, hits1: 0, hits5: 0 }
			tally.titles += 1
			tally.claimed += first?.probability ?? 0
			tally.hits1 += rank === 0 ? 1 : 0
			tally.hits5 += rank === -1 ? 0 : 1
			tallies.set(name, tally)
		}
	}
	return tallies
}

function nameCount(known: number): string {
	const place = COUNTS.findLastIndex((bound) => known >= bound)
	const from = COUNTS[place] ?? 0
	const last = (COUNTS[place + 1] ?? Infinity) - 1
	return `number of known words: ${last === Infinity ? `${from} or more` : from === last ? from : `${from} to ${last}`}`
}

function nameShare(share: number): string {
	const place = SHARES.findLastIndex((bound) => share >= bound)
	const percent = (bound: number) => `${Math.round(bound * 100)} %`
	const from = SHARES[place] ?? 0
	const until = SHARES[place + 1]
	return until === undefined
		? 'known words: all'
		: `known words: ${percent(from)} to ${percent(until)}`
}

function toFigures(
	name: string,
	{ titles, claimed, hits1, hits5 }: Tally,
	peer: { readonly name: string; readonly tally: Tally } | null,
	note: string,
): Figure[] {
	const figure = (unit: string, value: number, before: (tally: Tally) => number): Figure => ({
		...{ name, value, unit },
		...(peer ? { peer: { name: peer.name, value: before(peer.tally) } } : {}),
	})
	return [
		figure('recall@1', hits1 / titles, (tally) => tally.hits1 / tally.titles),
		figure('recall@5', hits5 / titles, (tally) => tally.hits5 / tally.titles),
		{
			...{ name, value: claimed / titles, unit: 'p@1 claimed' },
			peer: { name: 'true', value: hits1 / titles },
			note: `difference ${(claimed / titles - hits1 / titles).toFixed(3)}, ${formatCount(titles)} titles, ${note}`,
		},
	]
}
