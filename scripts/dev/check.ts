// `npm run check [-- types|lint|imports|unused]`: the checks beside each other; each one's output is printed whole.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

interface Check {
	readonly name: string
	readonly command: readonly [string, ...string[]]
}

/** TypeScript 7 is several times as fast; svelte-check and AssemblyScript's declarations need TypeScript 5. */
const fastTypes = (folder: string): Check => ({
	name: `types: ${folder}`,
	command: ['node', 'node_modules/typescript-native/bin/tsc', '-p', folder],
})
const kernelTypes = (folder: string): Check => ({
	name: `types: ${folder}`,
	command: ['node', 'node_modules/typescript/bin/tsc', '-p', folder],
})
const SVELTE_CHECK = ['--tsconfig', 'tsconfig.json', '--fail-on-warnings', '--output', 'human']

/** Those that take long come first. */
const CHECKS: readonly Check[] = [
	{ name: 'types: src/page and src/charts', command: [bin('svelte-check'), ...SVELTE_CHECK] },
	{ name: 'imports', command: [bin('depcruise'), 'src', 'scripts', 'tests'] },
	{ name: 'unused code', command: [bin('knip')] },
	fastTypes('tests'),
	fastTypes('scripts'),
	{ name: 'lint', command: [bin('biome'), 'check', '--error-on-warnings', '.'] },
	{ name: 'lint: kernels', command: [bin('tsx'), 'scripts/dev/lint-kernels.ts'] },
	kernelTypes('scripts/lib/suggestions/batch-kernels'),
	kernelTypes('scripts/lib/trainer/kernels'),
	kernelTypes('src/model/kernels'),
	kernelTypes('src/worker/scoring'),
	kernelTypes('src/worker/unpacking'),
	kernelTypes('src/worker/unpacking-range-coded'),
	kernelTypes('scripts/lib/posts/scanning'),
	fastTypes('src/worker'),
	fastTypes('src/model'),
]

function bin(name: string): string {
	return join('node_modules/.bin', name)
}

const wanted = process.argv[2] ?? ''
const waiting = CHECKS.filter(({ name }) => name.startsWith(wanted))
if (waiting.length === 0) {
	process.stderr.write(`no check is called ${wanted}; there are types, lint, imports and unused\n`)
	process.exitCode = 2
}
await Promise.all(Array.from({ length: availableParallelism() }, runWaiting))

async function runWaiting(): Promise<void> {
	for (let check = waiting.shift(); check; check = waiting.shift()) {
		const { passed, output, seconds } = await run(check)
		process.stdout.write(`${passed ? '✓' : '✗'} ${check.name} (${seconds.toFixed(1)} s)\n`)
		if (passed) continue
		process.stdout.write(`${output.trimEnd()}\n`)
		process.exitCode = 1
	}
}

interface Outcome {
	readonly passed: boolean
	readonly output: string
	readonly seconds: number
}

function run({ command: [program, ...args] }: Check): Promise<Outcome> {
	const start = performance.now()
	const child = spawn(program, args, {
		cwd: ROOT,
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: process.platform === 'win32',
	})
	let output = ''
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text: string) => {
			output += text
		})
	return new Promise((done, fail) => {
		child.once('error', fail)
		child.once('close', (code) => {
			const seconds = (performance.now() - start) / 1000
			done({ passed: code === 0, output, seconds })
		})
	})
}
