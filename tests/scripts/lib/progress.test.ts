import { describe, expect, it } from 'vitest'
import {
	formatBytes,
	formatProgress,
	formatSeconds,
	Progress,
	withProgress,
} from '../../../scripts/lib/progress.ts'
import { testEffects } from '../../fixtures/effects.ts'

/** A clock that goes on by so much at each look. */
function tickingClock(milliseconds: number): () => Date {
	let time = 0
	return () => {
		time += milliseconds
		return new Date(time)
	}
}

describe('formatProgress', () => {
	it('shows share, rate and time left', () => {
		const line = formatProgress({ label: 'reading', total: 1000, unit: 'posts' }, 250, 5, 'loss 2')
		expect(line).toBe(
			'reading  █████░░░░░░░░░░░░░░░ 25%  250 of 1,000 posts  50/s  15 s left  loss 2',
		)
	})

	it('shows the share alone where an amount would tell nothing', () => {
		const line = formatProgress({ label: 'training', total: 100, unit: '' }, 50, 60)
		expect(line).toBe('training  ██████████░░░░░░░░░░ 50%  1 min 00 s left')
	})

	it('promises nothing where the total is not known', () => {
		expect(formatProgress({ label: 'reading', total: 0, unit: 'posts' }, 250, 5)).toBe(
			'reading  250 posts  50/s',
		)
	})
})

describe('Progress', () => {
	it('redraws one line on a terminal, never wider than it', async () => {
		const drawn: string[] = []
		const effects = await testEffects({
			terminalColumns: 30,
			redraw: (line) => void drawn.push(line),
			now: tickingClock(1000),
		})
		const progress = new Progress({ label: 'training', total: 10, unit: 'epochs' }, effects)
		progress.update(1)
		progress.update(2)
		progress.finish()
		expect(drawn).toHaveLength(3)
		expect(Math.max(...drawn.map((line) => line.length))).toBeLessThan(30)
		expect(drawn.at(-1)).toBe('')
		expect(effects.said.err).toEqual([])
	})

	it('writes a plain line now and then where there is no terminal', async () => {
		const effects = await testEffects({ now: tickingClock(4000) })
		const progress = new Progress({ label: 'training', total: 10, unit: 'epochs' }, effects)
		for (let done = 1; done <= 6; done += 1) progress.update(done)
		progress.finish()
		expect(effects.said.err).toHaveLength(2)
	})
})

describe('formats', () => {
	it('writes sizes and times as people say them', () => {
		expect([0, 999, 6_400_000].map(formatBytes)).toEqual(['0 B', '999 B', '6.4 MB'])
		expect([4.26, 59, 125, 3600 * 8].map(formatSeconds)).toEqual([
			'4.3 s',
			'59 s',
			'2 min 05 s',
			'8 h 00 min',
		])
	})
})

describe('withProgress', () => {
	const items = Array.from({ length: 1000 }, (_, item) => item)
	const options = { label: 'reading', total: 1000, unit: 'posts' }

	it('gives each item, says how far it is, and takes the bar away', async () => {
		const lines: string[] = []
		const redraw = (line: string) => void lines.push(line)
		const effects = await testEffects({ redraw, terminalColumns: 80, now: tickingClock(1000) })
		const given: number[] = []
		for await (const item of withProgress(items, options, effects)) given.push(item)
		expect(given).toEqual(items)
		expect(lines).toHaveLength(4)
		expect(lines[0]).toContain('256 of 1,000 posts')
		expect(lines.at(-1)).toBe('')
	})

	it('stops soon after a signal, though the work makes no pause', async () => {
		const stop = new AbortController()
		const effects = await testEffects({ signal: stop.signal })
		let given = 0
		const work = async () => {
			for await (const _ of withProgress(items, options, effects)) {
				given += 1
				if (given === 1) setImmediate(() => stop.abort())
			}
		}
		await expect(work()).rejects.toMatchObject({ code: 'aborted' })
		expect(given).toBe(256)
	})
})
