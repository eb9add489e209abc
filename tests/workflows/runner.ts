// Runs workflows here: each `run:` step by bash as GitHub's runner does it, each action by a stand-in that does the same to
// the files. What it leaves out: matrices, services, containers.
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { compilePrograms } from '../../scripts/dev/compile-programs.ts'
import type { GitHubServer } from '../fixtures/github-server.ts'
import { type Contexts, evaluate, interpolate, isTrue, type Status } from './expressions.ts'

const run = promisify(execFile)

interface Step {
	readonly name?: string
	readonly id?: string
	readonly if?: unknown
	readonly uses?: string
	readonly run?: string
	readonly with?: Readonly<Record<string, unknown>>
	readonly env?: Readonly<Record<string, unknown>>
	readonly 'continue-on-error'?: boolean
}

interface Job {
	readonly if?: unknown
	readonly needs?: string | readonly string[]
	readonly uses?: string
	readonly with?: Readonly<Record<string, unknown>>
	readonly secrets?: 'inherit'
	readonly env?: Readonly<Record<string, unknown>>
	readonly outputs?: Readonly<Record<string, string>>
	readonly steps?: readonly Step[]
}

export interface Workflow {
	readonly name: string
	readonly env?: Readonly<Record<string, unknown>>
	readonly jobs: Readonly<Record<string, Job>>
}

export interface Trigger {
	readonly eventName: string
	readonly event?: Readonly<Record<string, unknown>>
	readonly inputs?: Readonly<Record<string, unknown>>
	readonly secrets?: Readonly<Record<string, string>>
	readonly vars?: Readonly<Record<string, string>>
	/** The commit or branch of the remote to run on. */
	readonly ref?: string
	/** Commands start by npm, as people's do, and not compiled, which takes a third of the time. */
	readonly isByNpm?: boolean
	/** Jobs that are skipped: what they do is not looked at. */
	readonly without?: readonly string[]
}

export interface JobResult {
	readonly result: 'success' | 'failure' | 'skipped'
	readonly outputs: Readonly<Record<string, string>>
	readonly log: string
}

export interface WorkflowResult {
	readonly jobs: Readonly<Record<string, JobResult>>
	/** What the steps printed, and which ran. */
	readonly log: string
	/** What GitHub tells a workflow that starts when this one has ended. */
	readonly run: { readonly id: number; readonly html_url: string; readonly head_sha: string }
}

export interface RunnerOptions {
	/** A bare repository. */
	readonly remote: string
	readonly github: GitHubServer
	/** Installed packages that `npm ci` brings. */
	readonly nodeModules: string
}

/** One repository's runner: artifacts and caches last from run to run. */
export class WorkflowRunner {
	readonly #options: RunnerOptions
	readonly #home: string
	/** What was deployed last. */
	readonly pages: string
	#runs = 0

	static async create(options: RunnerOptions): Promise<WorkflowRunner> {
		const home = await mkdtemp(join(tmpdir(), 'whichsub-runner-'))
		await mkdir(join(home, 'bin'))
		const npm = (await run('which', ['npm'])).stdout.trim()
		await compilePrograms(['scripts/cli.ts'], home, { root: workspaceOf(home) })
		const lines = [
			'#!/bin/sh',
			// Packages were installed once.
			`if [ "$1" = ci ]; then exec ln -sfn "${options.nodeModules}" node_modules; fi`,
			`[ "$BY_NPM $1 $2 $3 $4" = "false run -s whichsub --" ] || exec "${npm}" "$@"`,
			'shift 4',
			`exec node "${home}/cli.mjs" "$@"`,
		]
		await writeFile(join(home, 'bin/npm'), `${lines.join('\n')}\n`, { mode: 0o755 })
		await symlink(options.nodeModules, join(home, 'node_modules'))
		return new WorkflowRunner(options, home)
	}

	private constructor(options: RunnerOptions, home: string) {
		this.#options = options
		this.#home = home
		this.pages = join(home, 'pages')
	}

	async close(): Promise<void> {
		await rm(this.#home, { recursive: true, force: true })
	}

	/** Runs all jobs of a workflow file, as it stands in the commit that is run. */
	async run(file: string, trigger: Trigger): Promise<WorkflowResult> {
		this.#runs += 1
		const id = String(this.#runs)
		const { remote } = this.#options
		const ref = trigger.ref ?? 'main'
		const text = (await run('git', ['show', `${ref}:.github/workflows/${file}`], { cwd: remote }))
			.stdout
		const sha = (await run('git', ['rev-parse', ref], { cwd: remote })).stdout.trim()
		const base = { id, ref, sha, trigger, inputs: trigger.inputs ?? {} }
		const html_url = `https://github.com/${this.#options.github.repository}/actions/runs/${id}`
		const result = await this.#runJobs(parse(text) as Workflow, base)
		return { ...result, run: { id: this.#runs, html_url, head_sha: sha } }
	}

	async #runJobs(workflow: Workflow, base: RunBase): Promise<Omit<WorkflowResult, 'run'>> {
		const done: Record<string, JobResult> = {}
		const names = Object.keys(workflow.jobs)
		while (Object.keys(done).length < names.length) {
			const ready = names.find(
				(name) => !done[name] && needsOf(workflow, name).every((n) => done[n]),
			)
			if (ready === undefined) throw new Error('the jobs wait for each other')
			done[ready] = await this.#runJob(workflow, ready, done, base)
		}
		const log = Object.entries(done)
			.map(([name, job]) => `== ${name}: ${job.result}\n${job.log}`)
			.join('\n')
		return { jobs: done, log }
	}

	async #runJob(
		workflow: Workflow,
		name: string,
		done: Readonly<Record<string, JobResult>>,
		base: RunBase,
	): Promise<JobResult> {
		const job = workflow.jobs[name] as Job
		const needs = Object.fromEntries(needsOf(workflow, name).map((n) => [n, done[n] as JobResult]))
		const failed = Object.values(needs).some(({ result }) => result !== 'success')
		const contexts = this.#contexts(base, needs)
		const isLeftOut = base.trigger.without?.includes(name) ?? false
		if (isLeftOut || !isTrue(job.if, contexts, failed ? 'failure' : 'success'))
			return { result: 'skipped', outputs: {}, log: '' }
		if (job.uses !== undefined) return this.#callWorkflow(job, contexts, base)
		const runner = new JobRunner(this.#options, this.#home, this.pages, base)
		return runner.run(workflow, job, contexts)
	}

	async #callWorkflow(job: Job, contexts: Contexts, base: RunBase): Promise<JobResult> {
		const file = String(job.uses).replace('./.github/workflows/', '')
		const { remote } = this.#options
		// A called workflow is of the commit that the caller is of.
		const text = (
			await run('git', ['show', `${base.sha}:.github/workflows/${file}`], { cwd: remote })
		).stdout
		const inputs = mapValues(job.with ?? {}, (value) => typedValue(value, contexts))
		const { jobs, log } = await this.#runJobs(parse(text) as Workflow, { ...base, inputs })
		const failed = Object.values(jobs).some(({ result }) => result === 'failure')
		return { result: failed ? 'failure' : 'success', outputs: {}, log }
	}

	#contexts({ id, ref, sha, trigger, inputs }: RunBase, needs: Contexts): Contexts {
		const { github } = this.#options
		return {
			github: {
				event_name: trigger.eventName,
				event: { ...trigger.event, inputs: trigger.inputs ?? {} },
				ref: `refs/heads/${ref}`,
				ref_name: ref,
				sha,
				repository: github.repository,
				repository_owner: github.repository.split('/')[0],
				run_id: id,
				server_url: 'https://github.com',
				token: github.env.GITHUB_TOKEN,
			},
			secrets: { ...trigger.secrets, GITHUB_TOKEN: github.env.GITHUB_TOKEN },
			vars: trigger.vars ?? {},
			inputs,
			needs,
			runner: { os: 'Linux', temp: tempOf(this.#home) },
		}
	}
}

interface RunBase {
	readonly id: string
	readonly ref: string
	readonly sha: string
	readonly trigger: Trigger
	readonly inputs: Readonly<Record<string, unknown>>
}

function tempOf(home: string): string {
	return join(home, 'temp')
}

/** The same for each job, as on GitHub. */
function workspaceOf(home: string): string {
	return join(home, 'work')
}

function needsOf(workflow: Workflow, name: string): readonly string[] {
	const { needs } = workflow.jobs[name] as Job
	return needs === undefined ? [] : [needs].flat()
}

function mapValues<T>(
	values: Readonly<Record<string, unknown>>,
	map: (value: unknown) => T,
): Record<string, T> {
	return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]))
}

/** A value of `with:`: a lone expression keeps its type. */
function typedValue(value: unknown, contexts: Contexts): unknown {
	if (typeof value !== 'string') return value
	const lone = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(value)?.[1]
	return lone ? evaluate(lone.trim(), contexts, 'success') : interpolate(value, contexts, 'success')
}

/** One job: a folder of its own, in which its steps run one after the other. */
class JobRunner {
	readonly #options: RunnerOptions
	readonly #home: string
	readonly #pages: string
	readonly #base: RunBase
	readonly #steps: Record<string, { outputs: Record<string, string>; outcome: string }> = {}
	readonly #env: Record<string, string> = {}
	#workspace = ''
	readonly #temp: string
	#status: Status = 'success'
	#log = ''
	/** What caches do when the job is over. */
	readonly #after: (() => Promise<void>)[] = []

	constructor(options: RunnerOptions, home: string, pages: string, base: RunBase) {
		this.#options = options
		this.#home = home
		this.#pages = pages
		this.#base = base
		this.#temp = tempOf(home)
	}

	async run(workflow: Workflow, job: Job, contexts: Contexts): Promise<JobResult> {
		// tsx then finds what it has compiled for the job before.
		this.#workspace = workspaceOf(this.#home)
		await mkdir(this.#workspace)
		// A job begins on a machine that is empty.
		await rm(this.#temp, { recursive: true, force: true })
		try {
			const env = { ...workflow.env, ...job.env }
			Object.assign(
				this.#env,
				mapValues(env, (value) => this.#text(value, contexts)),
			)
			for (const [index, step] of (job.steps ?? []).entries())
				await this.#runStep(step, step.id ?? `step-${index}`, contexts)
			if (this.#status === 'success') for (const finish of this.#after) await finish()
			const outputs = mapValues(job.outputs ?? {}, (value) =>
				this.#text(value, this.#with(contexts)),
			)
			return { result: this.#status, outputs, log: this.#log }
		} finally {
			await rm(this.#workspace, { recursive: true, force: true })
		}
	}

	#with(contexts: Contexts): Contexts {
		return { ...contexts, steps: this.#steps, env: this.#env, job: { status: this.#status } }
	}

	#text(value: unknown, contexts: Contexts): string {
		return interpolate(String(value ?? ''), contexts, this.#status)
	}

	async #runStep(step: Step, id: string, given: Contexts): Promise<void> {
		const contexts = this.#with(given)
		if (!isTrue(step.if, contexts, this.#status)) {
			this.#steps[id] = { outputs: {}, outcome: 'skipped' }
			return
		}
		this.#log += `-- ${step.name ?? step.uses ?? step.run?.split('\n')[0]}\n`
		try {
			const outputs = step.uses
				? await this.#act(
						step.uses,
						mapValues(step.with ?? {}, (v) => typedValue(v, contexts)),
					)
				: await this.#bash(step, contexts)
			this.#steps[id] = { outputs, outcome: 'success' }
		} catch (error) {
			this.#log += `failed: ${error instanceof Error ? error.message : error}\n`
			this.#steps[id] = { outputs: {}, outcome: 'failure' }
			if (!step['continue-on-error']) this.#status = 'failure'
		}
	}

	/** As GitHub's runner starts it for `shell: bash`. */
	async #bash(step: Step, contexts: Contexts): Promise<Record<string, string>> {
		const outputFile = join(this.#home, `output-${Math.random()}`)
		const eventFile = join(this.#home, `event-${Math.random()}.json`)
		const { trigger } = this.#base
		await writeFile(outputFile, '')
		await writeFile(eventFile, JSON.stringify(trigger.event ?? {}))
		const { GITHUB_TOKEN: _, ...publicEnv } = this.#options.github.env
		const env = {
			PATH: `${join(this.#home, 'bin')}${delimiter}${process.env.PATH}`,
			HOME: this.#home,
			CI: 'true',
			GITHUB_ACTIONS: 'true',
			RUNNER_TEMP: this.#temp,
			...publicEnv,
			GITHUB_OUTPUT: outputFile,
			GITHUB_STEP_SUMMARY: join(this.#home, 'summary.md'),
			GITHUB_EVENT_PATH: eventFile,
			GITHUB_EVENT_NAME: trigger.eventName,
			BY_NPM: String(trigger.isByNpm ?? false),
			...this.#env,
			...mapValues(step.env ?? {}, (value) => this.#text(value, contexts)),
		}
		await this.#spawn(this.#text(step.run, contexts), env)
		return parseOutputs(await readFile(outputFile, 'utf8'))
	}

	#spawn(script: string, env: Readonly<Record<string, string>>): Promise<void> {
		const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script]
		const child = spawn('bash', args, {
			cwd: this.#workspace,
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
		})
		const hear = (chunk: Buffer) => {
			this.#log += chunk.toString('utf8')
		}
		child.stdout.on('data', hear)
		child.stderr.on('data', hear)
		return new Promise((done, fail) => {
			child.once('error', fail)
			child.once('close', (code) => (code === 0 ? done() : fail(new Error(`exit code ${code}`))))
		})
	}

	async #act(
		uses: string,
		given: Readonly<Record<string, unknown>>,
	): Promise<Record<string, string>> {
		const action = uses.split('@')[0] as string
		const path = (name: string) => resolve(this.#workspace, String(given[name] ?? ''))
		const artifact = (run: unknown) =>
			join(this.#home, 'artifacts', String(run), String(given.name))
		switch (action) {
			case 'actions/checkout': {
				const { remote } = this.#options
				await run('git', ['clone', '--quiet', remote, this.#workspace])
				const ref = String(given.ref ?? this.#base.ref)
				await run('git', ['switch', '--quiet', ref], { cwd: this.#workspace })
				return {}
			}
			case 'actions/setup-node':
			case 'actions/configure-pages':
				return {}
			case 'actions/cache':
				return this.#cache(lines(given.path), String(given.key))
			case 'actions/upload-artifact':
				await this.#upload(lines(given.path), artifact(this.#base.id))
				return {}
			case 'actions/download-artifact':
				await cp(artifact(given['run-id'] ?? this.#base.id), path('path'), { recursive: true })
				return {}
			case 'actions/upload-pages-artifact':
				await cp(path('path'), join(this.#home, 'pages-artifact'), { recursive: true })
				return {}
			case 'actions/deploy-pages':
				await rm(this.#pages, { recursive: true, force: true })
				await cp(join(this.#home, 'pages-artifact'), this.#pages, { recursive: true })
				return { page_url: 'https://somebody.github.io/whichsub/' }
			default:
				throw new Error(`no stand-in for the action ${action}`)
		}
	}

	/** One folder gives what is in it; several paths keep their places. */
	async #upload(paths: readonly string[], to: string): Promise<void> {
		await rm(to, { recursive: true, force: true })
		for (const path of paths) {
			const place = paths.length === 1 ? to : join(to, path)
			// A path that is not there is left out.
			await cp(join(this.#workspace, path), place, { recursive: true }).catch(() => {})
		}
	}

	async #cache(paths: readonly string[], key: string): Promise<Record<string, string>> {
		for (const path of paths) {
			const kept = join(this.#home, 'caches', key.replace(/-\w*$/, ''), path.replaceAll('/', '-'))
			const here = path.startsWith('~')
				? join(this.#home, path.slice(1))
				: join(this.#workspace, path)
			await cp(kept, here, { recursive: true }).catch(() => {})
			this.#after.push(() => cp(here, kept, { recursive: true }).catch(() => {}))
		}
		return {}
	}
}

function lines(value: unknown): readonly string[] {
	return String(value).split('\n').filter(Boolean)
}

function parseOutputs(text: string): Record<string, string> {
	const lines = text.split('\n').filter(Boolean)
	return Object.fromEntries(
		lines.map((line) => {
			const at = line.indexOf('=')
			return [line.slice(0, at), line.slice(at + 1)]
		}),
	)
}
