// The pieces that the schemas of several steps' parameters share. Each says what a value means, for people and editors.
import * as v from 'valibot'
import { Instant } from '../../src/shared/schema-parts.ts'

/** Both bounds included. */
export const wholeNumber = ([least, most]: readonly [number, number], description: string) =>
	v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.description(description))

/** Both bounds included. */
export const numberWithin = ([least, most]: readonly [number, number], description: string) =>
	v.pipe(v.number(), v.minValue(least), v.maxValue(most), v.description(description))

export const share = (description: string) => numberWithin([0, 1], description)

export const count = (description: string) => wholeNumber([1, Number.MAX_SAFE_INTEGER], description)

/** `2013-06-01` → Unix seconds of that day's start in UTC. */
export const day = (description: string) =>
	v.pipe(
		v.string(),
		v.isoDate('expected a day like 2013-06-01'),
		v.check((text) => v.is(Instant, `${text}T00:00:00Z`), 'expected a day that exists'),
		v.description(description),
		v.transform((text) => Date.parse(`${text}T00:00:00Z`) / 1000),
	)
