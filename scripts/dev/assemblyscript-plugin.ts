// For Vite: `import url from './folder/index.ts?compiled'` is the address of the folder's AssemblyScript as WebAssembly.
import { dirname, resolve } from 'node:path'
import type { Plugin } from 'vite'
import { compileAssemblyScript } from '../lib/assemblyscript.ts'

const QUERY = '?compiled'

/** @param as `url`: a file of the build; `url&inline`: a data: address, which needs no server */
export function assemblyScript({ as }: { readonly as: 'url' | 'url&inline' }): Plugin {
	return {
		name: 'whichsub:assemblyscript',
		enforce: 'pre',
		async resolveId(id, importer) {
			if (!id.endsWith(QUERY) || !importer) return null
			const entry = resolve(dirname(importer), id.slice(0, -QUERY.length))
			return `${await compileAssemblyScript(dirname(entry))}?${as}`
		},
	}
}
