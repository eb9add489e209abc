// The pieces that the schemas of parameters are made of. Each says what a value means, for people and editors, and what it is called in
// the flag that gives it; those of no parameter have no description.
import * as v from 'valibot'
import { Instant } from '../../src/shared/schema-parts.ts'

type Bounds = readonly [least: number, most: number]

/** Both bounds included. */
export const wholeNumber = ([least, most]: Bounds, description = '') => {
	const range = most === Number.MAX_SAFE_INTEGER ? `${least}` : `${least} to ${most}`
	const says = `expected a whole number from ${range}`
	return v.pipe(
		v.number(says),
		v.integer(says),
		v.minValue(least, says),
		v.maxValue(most, says),
		v.description(description),
		v.metadata({ argument: 'number' }),
	)
}

const within = ([least, most]: Bounds, description: string, argument: string) => {
	const says = `expected a number from ${least} to ${most}`
	return v.pipe(
		v.number(says),
		v.minValue(least, says),
		v.maxValue(most, says),
		v.description(description),
		v.metadata({ argument }),
	)
}

/** Both bounds included. */
export const numberWithin = (bounds: Bounds, description = '') =>
	within(bounds, description, 'number')

export const share = (description = '') => within([0, 1], description, 'share')

export const count = (description = '') => wholeNumber([1, Number.MAX_SAFE_INTEGER], description)

/** @param argument what it is called in the flag, as in `--split <kind>` */
export const choice = <const Options extends readonly string[]>(
	options: Options,
	argument: string,
	description: string,
) => v.pipe(v.picklist(options), v.description(description), v.metadata({ argument }))

/** @param negated what the flag `--no-…` does, where it is true unless somebody says otherwise */
export const yesOrNo = (description: string, negated?: string) =>
	v.pipe(v.boolean(), v.description(description), v.metadata({ negated }))

/** `2013-06-01` → Unix seconds of that day's start in UTC. */
export const day = (description = '') =>
	v.pipe(
		v.string(),
		v.isoDate('expected a date like 2013-06-01'),
		v.check((text) => v.is(Instant, `${text}T00:00:00Z`), 'expected a day that exists'),
		v.description(description),
		v.metadata({ argument: 'date' }),
		v.transform((text) => Date.parse(`${text}T00:00:00Z`) / 1000),
	)
