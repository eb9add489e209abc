import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockedPackages, readPackageLock } from '../../../../scripts/lib/graph/packages.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'

const PACKAGES = {
	'': { dependencies: { a: '*' } },
	'node_modules/a': {
		version: '1.0.0',
		integrity: 'A',
		dependencies: { b: '^2', '@types/b': '*' },
	},
	'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'B2', dependencies: { c: '*' } },
	'node_modules/b': { version: '1.0.0', integrity: 'B1' },
	'node_modules/c': { version: '3.0.0', integrity: 'C', optionalDependencies: { 'c-linux': '3' } },
	'node_modules/c-linux': { version: '3.0.0', integrity: 'CL', os: ['linux'], cpu: ['x64'] },
	'node_modules/@types/b': { version: '9.0.0', integrity: 'T' },
}

async function find(...names: string[]): Promise<string[]> {
	const root = await temporaryFolder()
	await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: PACKAGES }))
	const found = lockedPackages(await readPackageLock(root), names)
	return found.map(({ name, version, integrity }) => `${name} ${version} ${integrity}`)
}

test('follows dependencies, each to the version that Node finds from there', async () => {
	expect(await find('a')).toEqual(['a 1.0.0 A', 'b 2.0.0 B2', 'c 3.0.0 C'])
	expect(await find('b')).toEqual(['b 1.0.0 B1'])
})

test('leaves out types, what is for one platform, and what is not locked', async () => {
	expect(await find('@types/b', 'c', 'unknown')).toEqual(['c 3.0.0 C'])
})
