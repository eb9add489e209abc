import { describe, expect, it } from 'vitest'
import { withoutFolders } from '../../../../scripts/lib/reports/sources.ts'

describe('withoutFolders', () => {
	it.each([
		['/home/me/data/RS_2013-07.zst', 'RS_2013-07.zst'],
		['../data/RS_2013-07.zst and ~/RS_2013-06.zst', 'RS_2013-07.zst and RS_2013-06.zst'],
		['r/pics gained 1.2 / 3', 'r/pics gained 1.2 / 3'],
		['posts of r/a and r/b', 'posts of r/a and r/b'],
		['test posts of release 20130601.0', 'test posts of release 20130601.0'],
	])('%s is %s', (text, short) => {
		expect(withoutFolders(text)).toBe(short)
	})
})
