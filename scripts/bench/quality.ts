// `npm run bench -- quality`: production beside the release before it, on posts that neither has learnt: whole titles, titles with
// words made unknown, their first words, one word that decides; what is claimed and what is true; forty titles that we judge.
import type { Benchmark } from './benchmark.ts'
import { measureSubject, type Quality } from './quality-measure.ts'
import { openQualityPosts, type QualityPosts } from './quality-posts.ts'
import { openSubject, readProduction, type Subject } from './quality-releases.ts'
import { describeQuality } from './quality-table.ts'

export const benchQuality: Benchmark = async (scratch, options) => {
	const { data, posts: files, sample, makeTwins = false } = options
	const effects = { ...scratch, ...data }
	const manifests = await readProduction(effects)
	const subjects: Subject[] = []
	for (const manifest of manifests)
		subjects.push(await openSubject(manifest, { makeTwins }, effects))
	const [production] = manifests
	if (!production) return []
	const posts = await openQualityPosts({ files, sample }, production, { data: effects, scratch })
	const measured: Quality[] = []
	for (const subject of subjects)
		measured.push(await measureSubject(refuseLearnt(subject, posts), posts, effects))
	return describeQuality(measured, posts)
}

/** No figure is measured on posts that a model has learnt. */
function refuseLearnt(subject: Subject, { testSet }: QualityPosts): Subject {
	const { from } = testSet.window()
	if (!subject.model || Date.parse(subject.model.trainedUntil) <= Date.parse(from)) return subject
	const { name, trainedUntil } = subject.model
	const says = `not measured: ${name} has learnt posts until ${trainedUntil}, and these begin at ${from}`
	return { ...subject, model: null, says }
}
