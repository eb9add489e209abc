import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	addPage,
	nextStep,
	type PostKey,
	resumeWalk,
	type Span,
	startWalk,
	type Walk,
} from '../../../../scripts/lib/collect/walk.ts'

const CAP = 1_000

/** A listing in memory: newest first, a page after a name, nothing after a name that it does not have. */
class Listing {
	posts: PostKey[] = []
	asked = 0
	#next = 0

	add(count: number): this {
		for (let added = 0; added < count; added += 1) {
			// Three posts share a second.
			const key = { id: this.#next.toString(36), created_utc: Math.floor(this.#next / 3) }
			this.posts.unshift(key)
			this.#next += 1
		}
		return this
	}

	remove(place: number): void {
		this.posts.splice(place, 1)
	}

	page(after: string | null, limit: number) {
		this.asked += 1
		const listed = this.posts.slice(0, CAP)
		const start = after === null ? 0 : listed.findIndex(({ id }) => `t3_${id}` === after) + 1
		if (after !== null && start === 0) return { posts: [], after: null }
		const posts = listed.slice(start, start + limit)
		const last = posts.at(-1)
		return { posts, after: last && start + limit < listed.length ? `t3_${last.id}` : null }
	}
}

/** Walks until it is done, or for so many pages. */
function go(listing: Listing, walk: Walk, read: Set<string>, newest = CAP, pages = 100): Walk {
	let at = walk
	for (let count = 0; count < pages; count += 1) {
		const step = nextStep(at, newest)
		if (step.kind === 'done') return at
		const page = listing.page(step.after, step.limit)
		for (const { id } of page.posts) read.add(id)
		at = addPage(at, page)
	}
	if (pages >= 100) throw new Error('a walk without end')
	return at
}

function spansOf({ head, rest }: Walk): Span[] {
	return [...(head ? [head] : []), ...rest]
}

describe('nextStep and addPage', () => {
	it('read a listing to its end, a hundred posts a page', () => {
		const listing = new Listing().add(250)
		const read = new Set<string>()
		const walk = go(listing, startWalk([]), read)
		expect(read.size).toBe(250)
		expect(listing.asked).toBe(3)
		expect(walk.head).toMatchObject({ posts: 250, cursor: null })
	})

	it('ask once for an empty listing', () => {
		const listing = new Listing()
		const walk = go(listing, resumeWalk([]), new Set())
		expect(listing.asked).toBe(1)
		expect(spansOf(walk)).toEqual([])
	})

	it('stop at the number that is wanted, and go on from there when more is wanted', () => {
		const listing = new Listing().add(500)
		const read = new Set<string>()
		const first = go(listing, startWalk([]), read, 130)
		expect(read.size).toBe(130)
		go(listing, startWalk(spansOf(first)), read, 400)
		expect(read.size).toBe(400)
	})

	it('stop at the first post that is known', () => {
		const listing = new Listing().add(900)
		const read = new Set<string>()
		const first = go(listing, startWalk([]), read)
		listing.add(30).asked = 0
		const second = go(listing, startWalk(spansOf(first)), read)
		expect(listing.asked).toBe(1)
		expect(read.size).toBe(930)
		expect(second.head?.posts).toBe(930)
	})

	it('find the known part when the post that marks it is deleted', () => {
		const listing = new Listing().add(900)
		const read = new Set<string>()
		const first = go(listing, startWalk([]), read)
		listing.remove(0)
		listing.add(30).asked = 0
		go(listing, startWalk(spansOf(first)), read)
		expect(listing.asked).toBe(1)
	})

	it('mend the gap that a stop has left, without reading the known part again', () => {
		const listing = new Listing().add(600)
		const read = new Set<string>()
		const whole = go(listing, startWalk([]), read)
		listing.add(350)
		const cut = go(listing, startWalk(spansOf(whole)), read, CAP, 2)
		expect(read.size).toBe(800)
		expect(spansOf(cut)).toHaveLength(2)
		listing.add(50).asked = 0
		const mended = go(listing, startWalk(spansOf(cut)), read)
		expect(read.size).toBe(1_000)
		// One page from the top, two for the 150 posts of the gap.
		expect(listing.asked).toBe(3)
		expect(spansOf(mended)).toHaveLength(1)
	})

	it('go on below what was read when the same run resumes', () => {
		const listing = new Listing().add(400)
		const read = new Set<string>()
		const cut = go(listing, startWalk([]), read, CAP, 2)
		listing.asked = 0
		go(listing, resumeWalk(spansOf(cut)), read)
		expect(read.size).toBe(400)
		expect(listing.asked).toBe(2)
	})

	it('read from the top again when Reddit has lost the place', () => {
		const listing = new Listing().add(400)
		const read = new Set<string>()
		const cut = go(listing, startWalk([]), read, CAP, 2)
		listing.remove(199)
		go(listing, resumeWalk(spansOf(cut)), read)
		expect(read.size).toBe(400)
	})

	it('forget what lies below the end of a listing that shows only its newest posts', () => {
		const listing = new Listing().add(1_000)
		const first = go(listing, startWalk([]), new Set())
		listing.add(2_500)
		const second = go(listing, startWalk(spansOf(first)), new Set(), 2_000)
		expect(spansOf(second)).toHaveLength(1)
	})

	it('read everything that is listed, however runs are cut, resumed and begun anew', () => {
		const event = fc.record({
			added: fc.nat({ max: 250 }),
			removed: fc.array(fc.nat({ max: 999 }), { maxLength: 4 }),
			pages: fc.integer({ min: 0, max: 6 }),
			isResumed: fc.boolean(),
		})
		fc.assert(
			fc.property(fc.array(event, { maxLength: 12 }), (events) => {
				const listing = new Listing()
				const read = new Set<string>()
				let walk = startWalk([])
				for (const { added, removed, pages, isResumed } of events) {
					listing.add(added)
					for (const place of removed) listing.remove(place)
					const known = spansOf(walk)
					walk = go(listing, isResumed ? resumeWalk(known) : startWalk(known), read, CAP, pages)
				}
				go(listing, startWalk(spansOf(walk)), read)
				const listed = listing.posts.slice(0, CAP)
				const unread = listed.findIndex(({ id }) => !read.has(id))
				// A deleted post is still counted, and where it marked a span, those of its second count twice: the walk
				// may end so much early, but it leaves no hole.
				const deleted = events.flatMap((one) => one.removed).length
				expect(unread < 0 ? listed.length : unread).toBeGreaterThanOrEqual(
					listed.length - 3 * deleted,
				)
			}),
			{ numRuns: 500 },
		)
	})
})
