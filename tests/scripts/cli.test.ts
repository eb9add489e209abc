// The command line as a process of its own: pipes that close, signals, folders that are none.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TOPICS } from '../fixtures/corpus.ts'
import { temporaryFolder } from '../fixtures/effects.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../fixtures/release.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const VERSION = '20130601.0'

function start(...args: string[]): ChildProcess {
	const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/cli.ts', ...args], {
		cwd: ROOT,
	})
	onTestFinished(() => void child.kill('SIGKILL'))
	return child
}

/** What a command that was started says on stderr, and how it ends. */
async function ending(child: ChildProcess): Promise<{ code: number | null; err: string }> {
	let err = ''
	child.stderr?.on('data', (chunk) => (err += chunk))
	const [code] = await once(child, 'close')
	return { code, err }
}

async function modelsWithRelease(): Promise<string> {
	const modelsDir = await temporaryFolder()
	const model = makeModelFile({ topics: TOPICS })
	const listed = await writeRelease(modelsDir, { version: VERSION, model, labels: 8 })
	await writeReleases(modelsDir, [listed], { production: VERSION })
	return modelsDir
}

describe('the command line', () => {
	it('ends quietly when the reader of its results has gone', async () => {
		const child = start('--models', await modelsWithRelease(), 'predict')
		const end = ending(child)
		child.stdout?.once('data', () => child.stdout?.destroy())
		child.stdin?.on('error', () => {})
		child.stdin?.end('kitten whiskers\n'.repeat(50_000))
		expect(await end).toEqual({ code: 141, err: '' })
	})

	it.each(['SIGINT', 'SIGTERM'] as const)('stops waiting for stdin on %s', async (signal) => {
		const child = start('--models', await modelsWithRelease(), 'predict')
		const end = ending(child)
		child.stdin?.write('kitten\n')
		await once(child.stdout as NodeJS.EventEmitter, 'data')
		child.kill(signal)
		expect(await end).toEqual({ code: 130, err: 'whichsub: stopped on request\n' })
	})

	it('says so where the data folder is a file', async () => {
		const dir = await temporaryFolder()
		const posts = join(dir, 'posts.ndjson')
		await writeFile(posts, '')
		const { code, err } = await ending(start('--data', posts, 'ingest', posts))
		expect(code).toBe(1)
		expect(err).toBe(`whichsub: is no folder, or lies below a file: ${posts}; name another\n`)
	})

	it.skipIf(process.getuid?.() === 0)(
		'says so where the data folder may not be written',
		async () => {
			const dir = join(await temporaryFolder(), 'data')
			await mkdir(dir)
			await chmod(dir, 0o555)
			const { code, err } = await ending(start('--data', dir, 'snapshot', '--until', '2013-06-01'))
			expect(code).toBe(1)
			expect(err).toMatch(/may not be (written|opened)/)
		},
	)
})
