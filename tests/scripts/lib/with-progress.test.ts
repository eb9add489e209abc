import { describe, expect, it } from 'vitest'
import { withProgress } from '../../../scripts/lib/with-progress.ts'
import { testEffects } from '../../fixtures/effects.ts'

describe('withProgress', () => {
	const items = Array.from({ length: 1000 }, (_, item) => item)
	const options = { label: 'reading', total: 1000, unit: 'posts' }

	it('gives each item, says how far it is, and takes the bar away', async () => {
		const lines: string[] = []
		const redraw = (line: string) => void lines.push(line)
		let seconds = 0
		const now = () => {
			seconds += 1
			return new Date(seconds * 1000)
		}
		const effects = await testEffects({ redraw, terminalColumns: 80, now })
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
