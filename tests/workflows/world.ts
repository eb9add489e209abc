// A repository as on GitHub: this project's files, without the releases of the real posts, in a bare remote; its API, and a
// runner of its workflows.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parseJsonWith } from '../../src/shared/parse.ts'
import { Releases } from '../../src/shared/releases.ts'
import { GitHubServer } from '../fixtures/github-server.ts'
import { WorkflowRunner } from './runner.ts'

const run = promisify(execFile)

export const ROOT = resolve(import.meta.dirname, '../..')
const MODELS = 'public/models'
/** No workflow that runs here reads these: each record of an execution would be read by most commands, for nothing. */
const LEFT_OUT = /^(docs|tests|public\/models)\/|^executions\/.*\.json$/

export class World {
	readonly github = new GitHubServer()
	readonly #dir: string
	/** A bare repository. */
	readonly remote: string
	#runner: WorkflowRunner | null = null

	/** @param fill puts what the first commit has beside the project's files into the checkout: releases above all */
	static async create(fill: (checkout: string) => Promise<void>): Promise<World> {
		const world = new World(await mkdtemp(join(tmpdir(), 'whichsub-world-')))
		await world.github.listen()
		await world.#makeRemote(fill)
		const { remote, github } = world
		const nodeModules = join(ROOT, 'node_modules')
		world.#runner = await WorkflowRunner.create({ remote, github, nodeModules })
		return world
	}

	private constructor(dir: string) {
		this.#dir = dir
		this.remote = join(dir, 'remote.git')
	}

	get runner(): WorkflowRunner {
		if (!this.#runner) throw new Error('the world is not made yet')
		return this.#runner
	}

	async close(): Promise<void> {
		await this.#runner?.close()
		await this.github.close()
		await rm(this.#dir, { recursive: true, force: true })
	}

	/** A file of a branch of the remote. */
	async show(path: string, branch = 'main'): Promise<string> {
		return this.#git(this.remote, 'show', `${branch}:${path}`)
	}

	async releases(branch = 'main'): Promise<Releases> {
		const path = `${MODELS}/releases.json`
		return parseJsonWith(Releases, await this.show(path, branch), path)
	}

	/** Subjects of the newest commits, newest first. */
	async subjects(branch = 'main'): Promise<readonly string[]> {
		return (await this.#git(this.remote, 'log', '--format=%s', branch)).split('\n')
	}

	async commitOf(branch: string): Promise<string> {
		return this.#git(this.remote, 'rev-parse', branch)
	}

	/** A commit as a person would push it. */
	async push(
		branch: string,
		change: (checkout: string) => Promise<void>,
		base = 'main',
	): Promise<void> {
		const checkout = await mkdtemp(join(this.#dir, 'checkout-'))
		await this.#git(this.#dir, 'clone', '--quiet', '--branch', base, this.remote, checkout)
		await change(checkout)
		await this.#commitAll(checkout, 'A change')
		await this.#git(checkout, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`)
	}

	async #makeRemote(fill: (checkout: string) => Promise<void>): Promise<void> {
		const checkout = join(this.#dir, 'first')
		await mkdir(checkout)
		await mkdir(this.remote)
		await this.#git(this.remote, 'init', '--quiet', '--bare', '--initial-branch', 'main')
		await this.#git(checkout, 'init', '--quiet', '--initial-branch', 'main')
		for (const path of await this.#projectFiles()) {
			await mkdir(dirname(join(checkout, path)), { recursive: true })
			await cp(join(ROOT, path), join(checkout, path))
		}
		await fill(checkout)
		await this.#commitAll(checkout, 'First')
		await this.#git(checkout, 'push', '--quiet', this.remote, 'main')
	}

	/** As they lie here, committed or not, without what a newcomer's releases replace. */
	async #projectFiles(): Promise<readonly string[]> {
		const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
		const { stdout } = await run('git', args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 })
		const paths = stdout.split('\0').filter((path) => path !== '' && !LEFT_OUT.test(path))
		const present = await Promise.all(
			paths.map((path) =>
				readFile(join(ROOT, path)).then(
					() => true,
					() => false,
				),
			),
		)
		return paths.filter((_, index) => present[index])
	}

	async #commitAll(checkout: string, message: string): Promise<void> {
		await this.#git(checkout, 'add', '--all')
		const identity = ['-c', 'user.name=A person', '-c', 'user.email=person@example.com']
		await this.#git(checkout, ...identity, 'commit', '--quiet', '--message', message)
	}

	async #git(cwd: string, ...args: readonly string[]): Promise<string> {
		const { stdout } = await run('git', args, { cwd, maxBuffer: 64 * 1024 * 1024 })
		return stdout.trim()
	}
}
