import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { allOrStop } from '../../../../scripts/lib/snapshot/sources.ts'
import { testEffects } from '../../../fixtures/effects.ts'

it('tells the other one to stop where one fails, and waits for it', async () => {
	const events: string[] = []
	const both = allOrStop(await testEffects(), ({ signal }) => {
		const slow = new Promise((_, fail) => {
			signal.addEventListener('abort', async () => {
				events.push('told')
				await setImmediate()
				events.push('stopped')
				fail(new Error('stopped on request'))
			})
		})
		return [slow, Promise.reject(new Error('no policy'))]
	})
	await expect(both).rejects.toThrow('no policy')
	expect(events).toEqual(['told', 'stopped'])
})

it('hands on a request to stop', async () => {
	const interrupt = new AbortController()
	const effects = await testEffects({ signal: interrupt.signal })
	const both = allOrStop(effects, ({ signal }) => {
		interrupt.abort()
		return [Promise.resolve(signal.aborted), 1]
	})
	expect(await both).toEqual([true, 1])
})
