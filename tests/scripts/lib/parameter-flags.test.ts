// Flags made from the schema of parameters.
import { Command } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { addParameterFlags, resolveParameters } from '../../../scripts/lib/parameter-flags.ts'
import {
	choice,
	count,
	day,
	share,
	wholeNumber,
	yesOrNo,
} from '../../../scripts/lib/parameter-parts.ts'

const ENTRIES = {
	kind: v.optional(choice(['one', 'two'], 'kind', 'Which kind.'), 'one'),
	maxPosts: v.optional(v.nullable(count('At most so many, unlike `from` and maxShare.')), null),
	maxShare: v.optional(share('A share.'), 0.5),
	offset: v.optional(wholeNumber([-5, 5], 'An offset.'), () => 3),
	from: v.optional(v.nullable(day('From this day on.')), null),
	about: v.optional(yesOrNo('Also this.'), false),
	retrain: v.optional(yesOrNo('Whether again.', 'Not again.'), true),
	reasons: v.optional(
		v.pipe(
			v.array(choice(['a', 'b'], 'reason', 'A reason.')),
			v.description('Reasons.'),
			v.metadata({ argument: 'reasons' }),
		),
		[],
	),
}

const FILE = { ...v.parse(v.object(ENTRIES), {}), maxShare: 0.2 }

function create() {
	const said: string[] = []
	const command = addParameterFlags(new Command('test'), ENTRIES)
		.exitOverride()
		.configureOutput({ writeErr: (text) => said.push(text) })
	const parse = (...args: string[]) =>
		resolveParameters(ENTRIES, FILE, command.parse(args, { from: 'user' }))
	return { command, parse, said }
}

describe('addParameterFlags', () => {
	it('shows name, argument, description and default of each', () => {
		const help = create().command.helpInformation().replace(/\s+/g, ' ')
		for (const text of [
			'--kind <kind> which kind (choices: "one", "two", default: "one")',
			'--max-posts <number> at most so many, unlike --from and --max-share --max-share',
			'--max-share <share> a share (default: 0.5)',
			// Another number on each machine.
			'--offset <number> an offset --from',
			'--from <date> from this day on --about also this --no-retrain not again --reasons <reasons...> reasons (choices',
		])
			expect(help).toContain(text)
	})

	it('stand in for values of the parameters file, as the schema reads them', () => {
		expect(create().parse()).toEqual({ values: FILE, overridden: [] })
		const given = create().parse('--kind', 'two', '--max-posts', '7', '--offset=-2', '--about')
		expect(given).toEqual({
			values: { ...FILE, kind: 'two', maxPosts: 7, offset: -2, about: true },
			overridden: ['kind', 'maxPosts', 'offset', 'about'],
		})
		const { values } = create().parse('--no-retrain', '--from', '2013-06-01', '--reasons', 'a', 'b')
		const from = Date.UTC(2013, 5, 1) / 1000
		expect(values).toEqual({ ...FILE, retrain: false, from, reasons: ['a', 'b'] })
	})

	it('override the file with a default, and nothing where they say the same', () => {
		expect(create().parse('--max-share', '0.5')).toMatchObject({
			values: { maxShare: 0.5 },
			overridden: ['maxShare'],
		})
		expect(create().parse('--max-share', '2e-1')).toEqual({ values: FILE, overridden: [] })
	})

	it.each([
		[
			'--max-posts',
			['0', '-1', '1.5', '1e3', '0x10', '', ' ', 'many'],
			/Expected a whole number from 1\./,
		],
		['--max-share', ['-0.1', '1.1', 'NaN', 'Infinity', ''], /Expected a number from 0 to 1\./],
		['--offset', ['-6', '6'], /Expected a whole number from -5 to 5\./],
		['--from', ['June', '2013-6-1', ''], /Expected a date like 2013-06-01\./],
		['--from', ['2013-02-30'], /Expected a day that exists\./],
		['--kind', ['three'], /Allowed choices are one, two\./],
		['--reasons', ['c'], /Allowed choices are a, b\./],
	])('refuses for %s %j', (flag, values, message) => {
		for (const value of values) {
			const { parse, said } = create()
			expect(() => parse(`${flag}=${value}`), value).toThrow()
			expect(said.join('')).toMatch(message)
		}
	})
})
