import * as v from 'valibot'
import { expect, it } from 'vitest'
import { parseYamlWith } from '../../../scripts/lib/yaml.ts'

const Numbers = v.strictObject({ one: v.number() })
const Texts = v.strictObject({ one: v.pipe(v.number(), v.transform(String)) })

it('parses a text again where it, or what it is held against, is another one', () => {
	const parse = (text: string) => parseYamlWith(Numbers, text, 'file.yaml')
	expect([parse('one: 1'), parse('one: 1'), parse('one: 2'), parse('one: 1')]).toEqual(
		[1, 1, 2, 1].map((one) => ({ one })),
	)
	expect(parseYamlWith(Texts, 'one: 1', 'file.yaml')).toEqual({ one: '1' })
})

it('names the file and the line of what is wrong each time', () => {
	for (const file of ['one.yaml', 'other.yaml', 'other.yaml'])
		expect(() => parseYamlWith(Numbers, 'one: no', file)).toThrow(`${file}:1: one`)
})
