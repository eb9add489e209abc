// How the page is built: Svelte, one module worker, no inlined assets (the page's Content-Security-Policy forbids data: URLs).
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import packageJson from './package.json' with { type: 'json' }

export default defineConfig({
	// Relative URLs, so that the built folder works below any path of a static host.
	base: './',
	plugins: [svelte()],
	define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
	worker: { format: 'es' },
	build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})
