// Time and chance as the collector sees them: replaceable, so that a test's night takes a minute.
import { setTimeout } from 'node:timers/promises'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'

/** What a collector needs beside a command's effects. */
export interface CollectEffects extends Effects {
	/** @throws AppError `aborted` as soon as `signal` aborts */
	sleep(milliseconds: number, signal: AbortSignal): Promise<void>
	/** In [0, 1). */
	random(): number
}

/** The part of the effects that waits. */
export type Clock = Pick<CollectEffects, 'now' | 'sleep' | 'random' | 'signal'>

// Node turns a longer timer into one of 1 ms.
const MAX_TIMER_MS = 2 ** 31 - 1

/** The effects of a real process, with real time. */
export function withRealTime(effects: Effects): CollectEffects {
	return { ...effects, sleep, random: Math.random }
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
	await setTimeout(Math.min(milliseconds, MAX_TIMER_MS), null, { signal }).catch(() => {
		throw new AppError('aborted', 'stopped on request')
	})
}
