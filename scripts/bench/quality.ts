// `npm run bench -- quality`: production beside the release before it, on posts that neither has learnt: whole titles, titles with
// words made unknown, their first words, one word that decides; what is claimed and what is true; sixty titles that we judge.
import type { TestSet } from '../lib/evaluation/titles.ts'
import type { Benchmark } from './benchmark.ts'
import { measureSubject, type Quality } from './quality-measure.ts'
import { openQualityPosts } from './quality-posts.ts'
import { isBefore, openSubject, readProduction, type Subject } from './quality-releases.ts'
import { describeQuality } from './quality-table.ts'

export const benchQuality: Benchmark = async (scratch, options) => {
	const { data, posts: files, sample, makeTwins = false } = options
	const effects = { ...scratch, ...data }
	const manifests = await readProduction(effects)
	const [production] = manifests
	if (!production) return []
	const posts = await openQualityPosts({ files, sample }, production, { data: effects, scratch })
	const postsFrom = posts.testSet.window().from
	const measured: Quality[] = []
	for (const manifest of manifests) {
		const subject = await openSubject(manifest, { makeTwins, postsFrom }, effects)
		measured.push(await measureSubject(refuseLearnt(subject, posts.testSet), posts, effects))
	}
	return describeQuality(measured, posts)
}

/** No figure is measured on posts that a model has learnt: those of its own snapshot's test it has not, whatever their time. */
function refuseLearnt(subject: Subject, { snapshot, window }: TestSet): Subject {
	const { model } = subject
	const postsFrom = window().from
	if (!model || model.snapshot === snapshot || isBefore(model.trainedUntil, postsFrom))
		return subject
	const says = `not measured: ${model.name} has learnt posts until ${model.trainedUntil}, and these begin at ${postsFrom}`
	return { ...subject, model: null, says }
}
