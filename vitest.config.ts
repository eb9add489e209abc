// Unit tests: Node, real files, real SQLite, real HTTP on loopback. What needs a browser is in tests/browser.
import { availableParallelism } from 'node:os'
import { defineConfig, type Plugin } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { assemblyScript } from './scripts/dev/assemblyscript-plugin.ts'

/** What takes longest begins first: at the end of a run one core would work on it alone. */
class WorkflowsFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const isLong = ({ moduleId }: TestSpecification) => moduleId.includes('/tests/workflows/')
		const sorted = await super.sort(files)
		return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
	}
}

/** The next run takes transformed modules from a cache. In those that import compiled kernels, it would not see that a kernel changed. */
const keepNoCompiled: Plugin = {
	name: 'whichsub:keep-no-compiled',
	configureVitest({ experimental_defineCacheKeyGenerator: defineKey }) {
		defineKey(({ sourceCode }) => (sourceCode.includes('?compiled') ? false : undefined))
	},
}

export default defineConfig({
	plugins: [assemblyScript({ as: 'url&inline' }), keepNoCompiled],
	define: {
		__APP_VERSION__: JSON.stringify('0.0.0-test'),
		__MODEL_ORIGINS__: JSON.stringify(['https://models.example.org']),
	},
	test: {
		include: ['tests/**/*.test.ts'],
		exclude: ['tests/browser/**'],
		// Test files share the modules of their process: importing all of them anew for each file took longer than most
		// tests. What a test replaces in a global it puts back.
		isolate: false,
		sequence: { sequencer: WorkflowsFirst },
		// One more than there are cores, because many tests wait: for a process, a timer, a lock.
		maxWorkers: availableParallelism() + 1,
		experimental: { fsModuleCache: true },
		globalSetup: 'tests/fixtures/made-once-setup.ts',
		// Only a test that hangs waits for these. On a loaded machine a test takes ten times its usual time.
		testTimeout: 300_000,
		hookTimeout: 300_000,
		// A second by default.
		expect: { poll: { timeout: 120_000 } },
	},
})
