import { describe, expect, it } from 'vitest'
import { formatCsv } from '../../src/charts/csv.ts'
import { composePicture } from '../../src/charts/picture.ts'

describe('composePicture', () => {
	const picture = composePicture({
		content: '<circle r="1"/>',
		width: 300,
		height: 100,
		finding: 'A & B <of> a finding that is so long that it needs more lines than one',
		note: 'n = 1',
		legend: [
			{ mark: '<line/>', label: 'then' },
			{ mark: '<line/>', label: 'now <1' },
		],
		colours: { paper: '#fff', ink: '#000', quiet: '#555' },
		font: '"Noto Sans", sans-serif',
	})

	it('is one SVG with the finding in lines that fit above the chart', () => {
		expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
		const lines = [...picture.matchAll(/font-weight="600">([^<]*)</g)].map(([, line]) => line)
		expect(lines.length).toBeGreaterThan(1)
		expect(lines.join(' ')).toBe(
			'A &amp; B &lt;of&gt; a finding that is so long that it needs more lines than one',
		)
		expect(picture).toContain('font-family="&quot;Noto Sans&quot;, sans-serif"')
	})

	it('has the key beside each other', () => {
		expect(picture).toMatch(/<svg x="16" y="(\d+)"[^>]*><line\/><\/svg>/)
		expect(picture).toMatch(/>now &lt;1<\/text>/)
	})

	it('is as high as its lines and its chart', () => {
		const [, height = ''] = /height="(\d+)" role/.exec(picture) ?? []
		const top = Number(/translate\(16 (\d+)\)/.exec(picture)?.[1])
		expect(Number(height)).toBeGreaterThanOrEqual(top + 100)
	})
})

describe('formatCsv', () => {
	it('quotes what needs it, and lets no cell be a formula', () => {
		const table = {
			head: ['a "b"', 'n'],
			rows: [
				['x, y', 1],
				['=cmd', null],
			],
		}
		expect(formatCsv(table)).toBe(`"a ""b""",n\r\n"x, y",1\r\n'=cmd,\r\n`)
	})
})
