// Unit tests: Node, real files, real SQLite, real HTTP on loopback. What needs a browser is in tests/browser.
import { defineConfig } from 'vitest/config'
import { assemblyScript } from './scripts/dev/assemblyscript-plugin.ts'

export default defineConfig({
	plugins: [assemblyScript({ as: 'url&inline' })],
	define: { __APP_VERSION__: JSON.stringify('0.0.0-test') },
	test: {
		include: ['tests/**/*.test.ts'],
		exclude: ['tests/browser/**'],
		// Only a test that hangs waits for these. On a loaded machine a test takes ten times its usual time.
		testTimeout: 180_000,
		hookTimeout: 180_000,
	},
})
