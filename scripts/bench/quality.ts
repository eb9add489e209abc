// `npm run bench -- quality`: production beside the release before it, on posts that neither has learnt: whole titles, titles with
// words made unknown, their first words, one word that decides; what is claimed and what is true; sixty titles that we judge.
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
		measured.push(await measureSubject(refuseLearnt(subject, postsFrom), posts, effects))
	}
	return describeQuality(measured, posts)
}

/** No figure is measured on posts that a model has learnt. */
function refuseLearnt(subject: Subject, postsFrom: string): Subject {
	if (!subject.model || isBefore(subject.model.trainedUntil, postsFrom)) return subject
	const { name, trainedUntil } = subject.model
	const says = `not measured: ${name} has learnt posts until ${trainedUntil}, and these begin at ${postsFrom}`
	return { ...subject, model: null, says }
}
