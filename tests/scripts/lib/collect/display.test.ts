import { describe, expect, it } from 'vitest'
import { CollectDisplay, formatStatus } from '../../../../scripts/lib/collect/display.ts'
import { type Effects, processEffects } from '../../../../scripts/lib/effects.ts'

const STATUS = { done: 3_100, left: 1_900, posts: 2_412_345, requestsLeft: 88, doneHere: 100 }

function createEffects(terminalColumns: number | null) {
	const lines: string[] = []
	const redrawn: string[] = []
	let seconds = 0
	const effects: Effects = {
		...processEffects({ dataDir: '', modelsDir: '' }, new AbortController().signal),
		err: (text) => lines.push(text),
		redraw: (text) => redrawn.push(text),
		terminalColumns,
		now: () => new Date(1_700_000_000_000 + seconds * 1_000),
	}
	const pass = (more: number) => {
		seconds += more
	}
	return { effects, lines, redrawn, pass }
}

describe('formatStatus', () => {
	it('shows subreddits done and left, posts, time left and requests left', () => {
		expect(formatStatus(STATUS, 600)).toBe(
			'3,100 subreddits done, 1,900 left  2,412,345 new posts  3 h 10 min left  88 requests left in the window',
		)
	})

	it('reckons the time left from what this process did, not from what it found done', () => {
		expect(formatStatus({ ...STATUS, doneHere: 0 }, 600)).toContain('time left not known yet')
	})

	it('leaves out requests that nobody has told', () => {
		expect(formatStatus({ ...STATUS, requestsLeft: null }, 600)).not.toContain('requests')
	})
})

describe('CollectDisplay', () => {
	it('redraws one line on a terminal, cut to its width, and takes it away', () => {
		const { effects, lines, redrawn, pass } = createEffects(60)
		const display = new CollectDisplay(effects)
		pass(1)
		display.update(STATUS)
		display.finish()
		expect(redrawn[0]).toHaveLength(59)
		expect(redrawn.at(-1)).toBe('')
		expect(lines).toEqual([])
	})

	it('writes a plain line each minute elsewhere', () => {
		const { effects, lines, redrawn, pass } = createEffects(null)
		const display = new CollectDisplay(effects)
		for (let second = 0; second < 180; second += 1) {
			pass(1)
			display.update(STATUS)
		}
		expect(lines).toHaveLength(3)
		expect(redrawn).toEqual([])
	})

	it('puts a warning on a line of its own', () => {
		const { effects, lines, redrawn, pass } = createEffects(80)
		const display = new CollectDisplay(effects)
		pass(1)
		display.update(STATUS)
		display.warn('nothing comes from reddit')
		expect(redrawn.at(-1)).toBe('')
		expect(lines).toEqual(['nothing comes from reddit'])
	})
})
