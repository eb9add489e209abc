import { describe, expect, it } from 'vitest'
import type { CollectPostsReport } from '../../../../scripts/lib/collect/collect-posts.ts'
import { formatPostsReport } from '../../../../scripts/lib/collect/posts-report.ts'
import { NONE_LEFT_OUT } from '../../../../scripts/lib/posts/parse-row.ts'

const REPORT: CollectPostsReport = {
	run: 3,
	seconds: 8 * 3_600,
	subreddits: { selected: 5_000, finished: 5_000, setAside: 0, failed: 0, left: 0 },
	refused: {},
	failures: [],
	posts: { ...NONE_LEFT_OUT, added: 12_345, known: 678, elsewhere: 0, broken: 0 },
}

describe('formatPostsReport', () => {
	it('is one line when all went well', () => {
		expect(formatPostsReport(REPORT)).toBe(
			'12,345 new posts of 5,000 subreddits in 8 h 00 min; 678 were known',
		)
	})

	it('says what was left out, set aside, failed and left to others', () => {
		const text = formatPostsReport({
			...REPORT,
			subreddits: { selected: 5_000, finished: 4_970, setAside: 17, failed: 11, left: 2 },
			refused: { private: 3, banned: 2 },
			failures: Array.from({ length: 11 }, (_, number) => ({
				name: `sub${number}`,
				why: 'HTTP 500',
			})),
			posts: { ...REPORT.posts, over18: 1_000, broken: 1 },
		})
		const lines = text.split('\n')
		expect(lines.slice(1, 4)).toEqual([
			'left out: 1,000 marked over 18, 1 unreadable',
			'set aside: 3 private, 2 banned, 12 not asked again yet',
			'could not be read: r/sub0 (HTTP 500)',
		])
		expect(lines.slice(-2)).toEqual(['and 1 more', '2 are still being read by another collector'])
	})
})
