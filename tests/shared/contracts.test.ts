import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { Post } from '../../scripts/lib/posts/post.ts'
import { AppError, deserializeError, serializeError } from '../../src/shared/app-error.ts'
import { Calibration } from '../../src/shared/calibration.ts'
import { Feedback } from '../../src/shared/feedback.ts'
import { Metrics } from '../../src/shared/metrics.ts'
import { parseJsonWith, parseWith } from '../../src/shared/parse.ts'
import { channelForVisitor, channelVersion, Releases } from '../../src/shared/releases.ts'
import { FileName, Instant, ReleaseVersion, SubredditName } from '../../src/shared/schema-parts.ts'

const accepts = (schema: v.GenericSchema, input: unknown) => v.safeParse(schema, input).success

const feedback = {
	schema: 1,
	id: '2f1c1f0a-3d0e-4b7e-9f53-6f2d3c1b0a99',
	time: '2026-01-01T00:00:00.000Z',
	title: 'A title',
	suggestions: [
		{ subreddit: 'linux', probability: 0.5 },
		{ subreddit: 'cats', probability: 0.1 },
	],
	pick: { how: 'suggestion', rank: 2, subreddit: 'cats' },
	release: '20260101.0',
	channel: 'production',
	app: '0.1.0',
}

describe('schema parts', () => {
	it('keeps a file name from leaving its folder', () => {
		for (const name of ['../model', 'a/b', 'a\\b', '.hidden', '', 'C:x', 'x'.repeat(65)])
			expect(accepts(FileName, name), name).toBe(false)
		expect(accepts(FileName, 'model.ftz.gzip')).toBe(true)
	})

	it('takes versions, instants and names of their form only', () => {
		expect(accepts(ReleaseVersion, '20200602.0')).toBe(true)
		expect(accepts(ReleaseVersion, '2020-06-02')).toBe(false)
		for (const day of ['20261399', '20200230', '20210229', '20200600', '20200011', '99999999'])
			expect(accepts(ReleaseVersion, `${day}.0`), day).toBe(false)
		expect(accepts(ReleaseVersion, '20200229.0')).toBe(true)
		expect(accepts(Instant, '2020-06-02T00:00:00Z')).toBe(true)
		expect(accepts(Instant, '2020-13-02T00:00:00Z')).toBe(false)
		expect(accepts(SubredditName, 'AskReddit')).toBe(true)
		expect(accepts(SubredditName, 'r/AskReddit')).toBe(false)
		expect(accepts(SubredditName, '<script>')).toBe(false)
	})
})

describe('Metrics', () => {
	it('refuses a NaN, which would compare like a perfect score', () => {
		const metrics = {
			posts: 1,
			labels: 1,
			'recall@1': 0,
			'recall@5': 1,
			macroF1: 0,
			meanP1: 0,
			ece: 0,
			unknownLabelPosts: 0,
		}
		expect(accepts(Metrics, metrics)).toBe(true)
		for (const key of Object.keys(metrics))
			expect(accepts(Metrics, { ...metrics, [key]: Number.NaN }), key).toBe(false)
	})
})

describe('Calibration', () => {
	const curve = { scores: [0.1, 0.5], probabilities: [0.2, 0.2] }
	const calibration = (changed: object) => ({
		method: 'isotonic',
		posts: 10,
		ranks: [{ ...curve, ...changed }, curve, curve, curve, curve],
		total: curve,
	})

	it('takes ascending curves of one length, one for each rank', () => {
		expect(accepts(Calibration, calibration({}))).toBe(true)
		expect(accepts(Calibration, calibration({ scores: [0.5, 0.1] }))).toBe(false)
		expect(accepts(Calibration, calibration({ probabilities: [0.3, 0.2] }))).toBe(false)
		expect(accepts(Calibration, calibration({ scores: [0.1] }))).toBe(false)
		expect(accepts(Calibration, { ...calibration({}), ranks: [curve] })).toBe(false)
	})

	it('takes none without an ascending curve for all five', () => {
		const { total, ...without } = calibration({})
		expect(accepts(Calibration, without)).toBe(false)
		const falling = { ...total, probabilities: [0.3, 0.2] }
		expect(accepts(Calibration, { ...without, total: falling })).toBe(false)
	})
})

describe('Feedback', () => {
	it('takes each way of picking', () => {
		expect(accepts(Feedback, feedback)).toBe(true)
		expect(accepts(Feedback, { ...feedback, pick: { how: 'none' } })).toBe(true)
		expect(accepts(Feedback, { ...feedback, pick: { how: 'unseen', subreddit: 'new_sub' } })).toBe(
			true,
		)
		expect(accepts(Feedback, { ...feedback, pick: { how: 'typed', subreddit: 'new_sub' } })).toBe(
			true,
		)
	})

	it('refuses a pick that contradicts what was shown, and a damaged line', () => {
		const pick = { how: 'suggestion', rank: 1, subreddit: 'cats' }
		expect(accepts(Feedback, { ...feedback, pick })).toBe(false)
		expect(accepts(Feedback, { ...feedback, id: '1' })).toBe(false)
		expect(accepts(Feedback, { ...feedback, title: 'x'.repeat(5000) })).toBe(false)
		expect(
			accepts(Feedback, { ...feedback, suggestions: [{ subreddit: 'linux', probability: 2 }] }),
		).toBe(false)
	})
})

describe('Post', () => {
	it('ignores the other fields of a dump and refuses what is no post', () => {
		const post = {
			id: 'abc',
			created_utc: 1,
			subreddit: 'pics',
			title: 't',
			score: -1,
			over_18: false,
		}
		expect(parseWith(Post, { ...post, selftext: '', num_comments: 0 }, 'post')).toEqual(post)
		expect(accepts(Post, { ...post, id: 'ABC;--' })).toBe(false)
		expect(accepts(Post, { ...post, title: '' })).toBe(false)
	})
})

describe('Releases', () => {
	const releases: Releases = {
		schema: 1,
		channels: {
			production: '20260101.0',
			staging: null,
			canary: { version: '20260102.0', share: 0.1 },
		},
		releases: ['20260101.0', '20260102.0'].map((version) => ({
			version,
			manifest: { bytes: 1, sha256: 'a'.repeat(64) },
		})),
		history: [],
	}

	it('refuses a channel that names a release which is not there', () => {
		expect(accepts(Releases, releases)).toBe(true)
		expect(accepts(Releases, { ...releases, releases: [] })).toBe(false)
	})

	it('keeps a visitor in or out of a canary by their ticket', () => {
		expect(channelForVisitor(releases, 0.0999)).toBe('canary')
		expect(channelForVisitor(releases, 0.1)).toBe('production')
		expect(channelVersion(releases, 'canary')).toBe('20260102.0')
		expect(channelVersion(releases, 'staging')).toBeNull()
	})
})

describe('parseJsonWith', () => {
	it('names the input and the field', () => {
		expect(() => parseJsonWith(Feedback, '{', 'picks.jsonl:3')).toThrow('picks.jsonl:3: not JSON')
		expect(() =>
			parseJsonWith(Feedback, JSON.stringify({ ...feedback, release: 1 }), 'picks.jsonl:3'),
		).toThrow(/^picks\.jsonl:3: release: /)
	})
})

describe('errors across a worker', () => {
	it('keep code and message, and a bug stays a bug', () => {
		const error = deserializeError(structuredClone(serializeError(new AppError('damaged', 'x'))))
		expect(error).toBeInstanceOf(AppError)
		expect(error).toMatchObject({ code: 'damaged', message: 'x' })
		const bug = deserializeError(structuredClone(serializeError(new TypeError('y'))))
		expect(bug).not.toBeInstanceOf(AppError)
		expect(bug.message).toBe('y')
	})
})
