// How the page is built: Svelte, one module worker, a service worker, no inlined assets (the page's policy forbids data: URLs).
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import packageJson from './package.json' with { type: 'json' }
import { assemblyScript } from './scripts/dev/assemblyscript-plugin.ts'
import { previewTags } from './scripts/dev/preview-tags.ts'
import { PARAMETERS_PATH } from './scripts/lib/effects.ts'
import { findUnreachable, readModelOrigins } from './scripts/lib/release-files/parameters.ts'
import { readReleases } from './scripts/lib/release-files/releases-json.ts'
import { contentSecurityPolicy } from './src/shared/content-security-policy.ts'

const SERVICE_WORKER = 'service-worker.js'

/** The parameters file that this page is built with, as the commands find it. */
const PARAMETERS = resolve(process.env.WHICHSUB_PARAMETERS ?? PARAMETERS_PATH)
/** Where the build's time goes is no news for people who start the page. */
const QUIET = { bundlerTimings: false } as const
const MODEL_ORIGINS = await readModelOrigins({
	parametersFile: { path: PARAMETERS, isNamed: false },
})

export default defineConfig({
	// Relative URLs, so that the built folder works below any path of a static host.
	base: './',
	plugins: [
		svelte(),
		assemblyScript({ as: 'url' }),
		policyOfPage(),
		reachableReleases(),
		sharePreview(),
		startWorkerEarly(),
		servicePageFiles(),
		compressPageFiles(),
	],
	define: {
		__APP_VERSION__: JSON.stringify(packageJson.version),
		__MODEL_ORIGINS__: JSON.stringify(MODEL_ORIGINS),
	},
	worker: {
		format: 'es',
		plugins: () => [assemblyScript({ as: 'url' })],
		rolldownOptions: { checks: QUIET, output: { ...chunkNames('classifier-worker', 'later') } },
	},
	build: {
		target: 'es2022',
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		rolldownOptions: {
			checks: QUIET,
			input: {
				page: 'index.html',
				start: 'src/page/early-worker.ts',
				'service-worker': 'src/worker/service-worker.ts',
			},
			output: {
				...chunkNames('page', 'pages'),
				entryFileNames: ({ name }) =>
					name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
			},
		},
	},
})

/** How the WebAssembly files are named that come from these. */
const WASM_FILES = [
	['fastText', 'engine'],
	['scoring', 'scorer'],
	// Releases from before December 2026 alone need it.
	['unpacking-range-coded', 'later'],
	['unpacking', 'unpacker'],
] as const

/** File names that size budgets, tests and people can tell apart. @param others what the entry starts without */
function chunkNames(entry: string, others: string) {
	return {
		entryFileNames: `assets/${entry}-[hash].js`,
		chunkFileNames: ({ moduleIds }: { moduleIds: readonly string[] }) =>
			moduleIds.some((id) => id.includes('fasttext.wasm.js'))
				? 'assets/engine-[hash].js'
				: moduleIds.some((id) => id.includes('/src/page/views/'))
					? 'assets/views-[hash].js'
					: // What pages and views have in common, too: the page itself starts without it.
						`assets/${others}-[hash].js`,
		assetFileNames: ({ names }: { names: readonly string[] }) => {
			const name = names.find((name) => name.endsWith('.wasm'))
			// The styles of a page that is loaded later have the name of its component.
			if (!name && names.some((name) => /^[A-Z].*\.css$/.test(name)))
				return names.includes('Views.css')
					? 'assets/views-[hash][extname]'
					: 'assets/pages-[hash][extname]'
			if (!name) return 'assets/[name]-[hash][extname]'
			const kind = WASM_FILES.find(([start]) => name.startsWith(start))?.[1]
			return `assets/${kind}-[hash][extname]`
		},
	}
}

/** The built page brings its own policy to any static host. Vite's development server needs inline styles: none there. */
function policyOfPage(): Plugin {
	return {
		name: 'whichsub:content-security-policy',
		apply: 'build',
		transformIndexHtml: () => [
			{
				tag: 'meta',
				attrs: {
					'http-equiv': 'Content-Security-Policy',
					content: contentSecurityPolicy(MODEL_ORIGINS),
				},
				injectTo: 'head-prepend',
			},
		],
	}
}

/** A page that could not load what its own releases.json lists is not built. */
function reachableReleases(): Plugin {
	let modelsDir = ''
	return {
		name: 'whichsub:reachable-releases',
		apply: 'build',
		configResolved({ publicDir }) {
			modelsDir = join(publicDir, 'models')
		},
		async buildStart() {
			const unreachable = findUnreachable(await readReleases(modelsDir), MODEL_ORIGINS)
			if (unreachable.length > 0)
				this.error(
					`releases lie where this page may load nothing from: ${unreachable.join(', ')}; name the origin in releases.origins of ${PARAMETERS}`,
				)
		},
	}
}

/** The picture of a link's preview, which must have a whole address: only where the build is told the page's. */
function sharePreview(): Plugin {
	return {
		name: 'whichsub:share-preview',
		apply: 'build',
		transformIndexHtml: () =>
			previewTags(process.env.WHICHSUB_PAGE_URL).map(([property, content]) => ({
				tag: 'meta',
				attrs: { property, content },
				injectTo: 'head',
			})),
	}
}

/** The script that starts the worker stands alone in the page: it runs as soon as it has come, whatever else has not. */
function startWorkerEarly(): Plugin {
	return {
		name: 'whichsub:start-worker-early',
		apply: 'build',
		transformIndexHtml: {
			order: 'post',
			handler(html, { bundle = {} }) {
				const start = Object.values(bundle).find(
					(file) => file.type === 'chunk' && file.isEntry && file.name === 'start',
				)
				const page = html.indexOf('<script type="module"')
				if (!start || page === -1)
					throw new Error('the build made no script that starts the worker')
				const tag = `<script type="module" async src="./${start.fileName}"></script>\n\t\t`
				return html.slice(0, page) + tag + html.slice(page)
			},
		},
	}
}

/** Tells the service worker which files make the page. The name of a built file has its hash in it; the page's does not. */
function servicePageFiles(): Plugin {
	return {
		name: 'whichsub:service-page-files',
		apply: 'build',
		enforce: 'post',
		generateBundle: {
			order: 'post',
			handler(_options, bundle) {
				const worker = bundle[SERVICE_WORKER]
				const html = bundle['index.html']
				if (worker?.type !== 'chunk' || html?.type !== 'asset')
					this.error(`the build made no ${SERVICE_WORKER}, or no page`)
				const names = Object.keys(bundle).filter((name) => name.startsWith('assets/'))
				const files = names.sort().map((name) => ({ url: `./${name}`, revision: null }))
				const revision = createHash('sha256').update(html.source).digest('hex').slice(0, 12)
				const page = { url: './', revision }
				worker.code = worker.code.replace('__PAGE_FILES__', JSON.stringify([page, ...files]))
			},
		},
	}
}

/** Writes each page file once more as .br and .gz, so that a static host sends a third of the bytes without working for it. */
function compressPageFiles(): Plugin {
	return {
		name: 'whichsub:compress-page-files',
		apply: 'build',
		enforce: 'post',
		async writeBundle({ dir = 'dist' }, bundle) {
			const files = Object.keys(bundle).filter((name) => COMPRESSIBLE.test(name))
			await Promise.all(files.map((name) => compressFile(join(dir, name))))
		},
	}
}

const COMPRESSIBLE = /\.(css|html|js|svg|wasm)$/

async function compressFile(path: string): Promise<void> {
	const bytes = await readFile(path)
	const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
	await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params: quality }))
	await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }))
}
