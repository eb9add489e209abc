// The whole pipeline on a small corpus, with the real steps.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { exists } from '../../../../scripts/lib/files.ts'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { snapshotDir } from '../../../../scripts/lib/pipeline/outputs.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { openSource } from '../../../../scripts/lib/posts/sqlite/source-rows.ts'
import { writePosts } from '../../../../scripts/lib/posts/write-posts.ts'
import { lockPath, readLock } from '../../../../scripts/lib/run/lock-file.ts'
import type { StepReport } from '../../../../scripts/lib/run/pipeline-run.ts'
import { runPipeline } from '../../../../scripts/lib/run/run.ts'
import { objectPath } from '../../../../scripts/lib/store/objects.ts'
import { main } from '../../../../scripts/main.ts'
import { CORPUS_UNTIL, fillDatabase } from '../../../fixtures/candidate.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { formatNdjson, makeCorpus, TOPICS } from '../../../fixtures/corpus.ts'
import { effectsIn, type TestEffects, temporaryFolder } from '../../../fixtures/effects.ts'

const PARAMETERS = `
snapshot: { until: 2013-06-01, testFrom: 2013-06-01, testUntil: 2013-07-01, validationShare: 0.1, minPosts: 2 }
train: { dim: 8, epochs: 3, threads: 1 }
quantize: { maxBytes: 100000, cutoff: 0, threads: 1 }
`
const ALL = ['snapshot', 'train', 'quantize', 'adjust', 'evaluate', 'compare']

let whole = ''
beforeAll(async () => {
	whole = await mkdtemp(join(tmpdir(), 'whichsub-run-'))
	const effects = effectsIn(whole)
	await fillDatabase(effects)
	await writeFile(effects.parametersFile.path, PARAMETERS)
	await runPipeline({ step: 'evaluate', dryRun: false }, effects)
}, 600_000)
afterAll(() => rm(whole, { recursive: true, force: true }))

/** A copy of a data folder in which everything was run once. */
async function copyWhole(override: Partial<Effects> = {}): Promise<TestEffects> {
	const dir = await temporaryFolder()
	await cp(whole, dir, { recursive: true })
	return effectsIn(dir, override)
}

const run = (effects: Effects, options: Partial<Parameters<typeof runPipeline>[0]> = {}) =>
	runPipeline({ step: 'evaluate', dryRun: false, ...options }, effects)
const endings = (reports: readonly StepReport[]) =>
	Object.fromEntries(reports.map(({ step, ending }) => [step, ending]))
const whyOf = (reports: readonly StepReport[], name: string) =>
	reports.find(({ step }) => step === name)?.why
const lockText = (effects: Effects) => readFile(lockPath(effects), 'utf8')

async function setParameters(effects: Effects, from: string, to: string): Promise<void> {
	const { path } = effects.parametersFile
	const text = await readFile(path, 'utf8')
	expect(text).toContain(from)
	await writeFile(path, text.replace(from, to))
}

async function addPost(effects: Effects, created_utc: number): Promise<void> {
	const database = await openPostsDatabase(effects)
	const source = await openSource(database, 'more', effects.now())
	const post = {
		id: `new${created_utc.toString(36)}`,
		created_utc,
		subreddit: 'cats',
		title: 'A new kitten',
	}
	const rest = { score: 1, num_comments: 0, over_18: false, retrieved_utc: null }
	await writePosts(database, [{ ...post, ...rest }], source)
	database.close()
}

const ALL_UNCHANGED = {
	snapshot: 'unchanged',
	train: 'unchanged',
	quantize: 'unchanged',
	adjust: 'unchanged',
	evaluate: 'unchanged',
}

test('needs no file: of newly ingested posts it says itself what is tested on', async () => {
	const effects = effectsIn(await temporaryFolder())
	// As a crawl leaves them: as many of each subreddit, the busiest ones' of the last hours.
	const posts = Object.entries(TOPICS).flatMap(([name, words], n) =>
		makeCorpus({
			...{ postsPerSubreddit: 45, from: CORPUS_UNTIL - 86_400 * 3 ** n, until: CORPUS_UNTIL },
			...{ topics: { [name]: words }, idPrefix: `p${n}` },
		}),
	)
	const path = join(dirname(effects.dataDir), 'posts.ndjson')
	await writeFile(path, formatNdjson(posts))
	expect(await main(['ingest', path], effects)).toBe(0)
	expect(await main(['run', 'snapshot'], effects)).toBe(0)
	expect(effects.said.err.join('\n')).toMatch(
		/no dates say which posts to test on: it is each subreddit's newest 8, because \d/,
	)
	const lock = await lockText(effects)
	expect(lock).toMatch(/split: auto/)
	expect(lock).toMatch(/labels: 8/)
})

test('runs nothing where nothing changed, and leaves the lock as it is', async () => {
	const effects = await copyWhole()
	const before = await lockText(effects)
	const executions = await readdir(join(effects.dataDir, 'executions'))
	expect(endings(await run(effects))).toEqual(ALL_UNCHANGED)
	expect(await lockText(effects)).toBe(before)
	expect(await readdir(join(effects.dataDir, 'executions'))).toEqual(executions)
})

test("writes a note of the store again that can't be read, as one of an earlier version", async () => {
	const effects = await copyWhole()
	const { key = '' } = (await readLock(effects)).quantize ?? {}
	const note = join(effects.dataDir, 'store', 'runs', `${key}.json`)
	const { output, ...record } = JSON.parse(await readFile(note, 'utf8'))
	await writeFile(note, JSON.stringify({ schema: 1, key, execution: record, files: [] }))
	expect(endings(await run(effects))).toEqual(ALL_UNCHANGED)
	expect(JSON.parse(await readFile(note, 'utf8'))).toEqual({ ...record, output })
})

test.each(['train.txt', 'past-year.txt'])('makes a lost %s of a snapshot again', async (lost) => {
	const effects = effectsIn(await temporaryFolder())
	await fillDatabase(effects)
	const parameters = PARAMETERS.replace('minPosts: 2', 'minPosts: 2, maxPosts: 8, olderPosts: 10')
	await writeFile(effects.parametersFile.path, parameters)
	await run(effects, { step: 'snapshot' })
	const hash = (await readLock(effects)).snapshot?.output.sha256 ?? ''
	const path = join(snapshotDir(effects, hash), lost)
	const text = await readFile(path, 'utf8')
	await rm(path)
	await rm(join(effects.dataDir, 'store'), { recursive: true })
	await run(effects, { step: 'train' })
	expect(await readFile(path, 'utf8')).toBe(text)
})

test('refuses dates of the parameters file that contradict each other', async () => {
	const effects = effectsIn(await temporaryFolder())
	const parameters = PARAMETERS.replace('testUntil: 2013-07-01', 'testUntil: 2013-05-01')
	await writeFile(effects.parametersFile.path, parameters)
	await expect(run(effects, { step: 'snapshot' })).rejects.toThrow(
		'parameters of snapshot: test window is empty: --test-until 2013-05-01 is not after 2013-06-01',
	)
})

test('a parameter of quantize runs quantize and what comes after it', async () => {
	const effects = await copyWhole()
	const before = await readLock(effects)
	await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
	const planned = await run(effects, { dryRun: true })
	expect(whyOf(planned, 'quantize')).toEqual(['parameter cutoff: 0 → 20'])
	expect(whyOf(planned, 'adjust')).toEqual(['quantize would run'])
	expect(whyOf(planned, 'evaluate')).toEqual(['adjust would run'])
	const reports = await run(effects)
	expect(endings(reports)).toEqual({
		...ALL_UNCHANGED,
		quantize: 'ran',
		adjust: 'ran',
		evaluate: 'ran',
	})
	const after = await readLock(effects)
	expect(after.train).toEqual(before.train)
	expect(after.quantize?.output.sha256).not.toBe(before.quantize?.output.sha256)
})

test('going back to a parameter brings back what it made, without running', async () => {
	const effects = await copyWhole()
	const before = await lockText(effects)
	await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
	await run(effects)
	await setParameters(effects, 'cutoff: 20', 'cutoff: 0')
	// What people threw away comes back as well.
	expect((await readLock(effects)).quantize?.execution).not.toMatch(/^3-/)
	await rm(join(effects.dataDir, 'executions', '3', 'model.ftz'))
	expect(endings(await run(effects))).toEqual({
		...ALL_UNCHANGED,
		quantize: 'restored',
		adjust: 'restored',
		evaluate: 'restored',
	})
	expect(await exists(join(effects.dataDir, 'executions', '3', 'model.ftz'))).toBe(true)
	expect(await lockText(effects)).toBe(before)
})

test('new posts in the window run everything, and are named', async () => {
	const effects = await copyWhole()
	await addPost(effects, Date.UTC(2013, 3, 7) / 1000)
	const planned = await run(effects, { dryRun: true })
	expect(whyOf(planned, 'snapshot')).toEqual([
		expect.stringMatching(/^posts of 2013-04: \d+ posts → \d+ posts$/),
	])
	expect(endings(await run(effects))).toEqual({
		snapshot: 'ran',
		train: 'ran',
		quantize: 'ran',
		adjust: 'ran',
		evaluate: 'ran',
	})
})

test('posts after the window change nothing', async () => {
	const effects = await copyWhole()
	await addPost(effects, CORPUS_UNTIL + 86_400)
	expect(endings(await run(effects))).toEqual(ALL_UNCHANGED)
})

test('a parameter that changes nothing of what comes out is none', async () => {
	const effects = await copyWhole()
	await setParameters(effects, 'epochs: 3, threads: 1', 'epochs: 3, threads: 2')
	expect(endings(await run(effects))).toEqual(ALL_UNCHANGED)
})

test('posts that are taken out again bring back what was made without them', async () => {
	const effects = await copyWhole()
	await addPost(effects, Date.UTC(2013, 3, 7) / 1000)
	await run(effects)
	const database = await openPostsDatabase(effects)
	await database.execute(
		`DELETE FROM stored_posts WHERE key IN (SELECT key FROM posts WHERE id LIKE 'new%')`,
	)
	database.close()
	expect(endings(await run(effects))).toEqual({
		snapshot: 'restored',
		train: 'restored',
		quantize: 'restored',
		adjust: 'restored',
		evaluate: 'restored',
	})
})

test('the comparison is left out until production serves something', async () => {
	const effects = await copyWhole()
	const reports = await run(effects, { step: 'compare' })
	expect(endings(reports)).toEqual({ ...ALL_UNCHANGED, compare: 'left-out' })
	expect(whyOf(reports, 'compare')).toEqual(['production serves no release yet'])
})

test('compares with production, and again when it serves another release', async () => {
	const effects = await copyWhole()
	const command = async (...args: string[]) =>
		expect(await main(args, effects), effects.said.err.join('\n')).toBe(0)
	await command('release', 'publish')
	const version = (await readdir(effects.modelsDir)).find((name) => /^\d/.test(name)) ?? ''
	await command('release', 'promote', version, '--channel', 'production')
	expect(endings(await run(effects, { step: 'compare' })).compare).toBe('ran')
	expect(endings(await run(effects, { step: 'compare' })).compare).toBe('unchanged')
})

test('older posts, outside the window, count for the comparison alone', async () => {
	const effects = await copyWhole()
	await setParameters(effects, 'snapshot: {', 'snapshot: { from: 2013-02-01,')
	await run(effects)
	expect(await main(['release', 'publish'], effects), effects.said.err.join('\n')).toBe(0)
	const version = (await readdir(effects.modelsDir)).find((name) => /^\d/.test(name)) ?? ''
	expect(await main(['release', 'promote', version, '--channel', 'production'], effects)).toBe(0)
	await run(effects, { step: 'compare' })
	await addPost(effects, Date.UTC(2013, 0, 7) / 1000)
	const reports = await run(effects, { step: 'compare' })
	expect(endings(reports)).toEqual({ ...ALL_UNCHANGED, compare: 'ran' })
	expect(whyOf(reports, 'compare')).toEqual([expect.stringMatching(/^history: \d+ posts, .* → /)])
})

test('takes what another machine made from a shared store', async () => {
	const laptop = await copyWhole()
	const store = await temporaryFolder()
	await setParameters(laptop, 'cutoff: 0', 'cutoff: 20')
	// What was made before is given, too.
	expect(endings(await run(laptop, { store })).train).toBe('unchanged')
	const server = effectsIn(await temporaryFolder())
	await fillDatabase(server)
	await writeFile(server.parametersFile.path, await readFile(laptop.parametersFile.path))
	const reports = await run(server, { store })
	expect(new Set(Object.values(endings(reports)))).toEqual(new Set(['restored']))
	expect(await lockText(server)).toBe(await lockText(laptop))
	// The record is the entry of the store: it comes along, word for word.
	const recordsOf = async (effects: Effects) =>
		(await listExecutions(effects)).filter(({ id }) => [1, 2].includes(id))
	expect(await recordsOf(server)).toEqual(await recordsOf(laptop))
	expect(await main(['evaluate', '--json'], server), server.said.err.join('\n')).toBe(0)
})

test('with the lock alone, a new machine runs nothing before it needs a file', async () => {
	const effects = effectsIn(await temporaryFolder())
	await fillDatabase(effects)
	for (const name of ['whichsub.yaml', 'whichsub.lock'])
		await cp(join(whole, name), join(dirname(effects.parametersFile.path), name))
	expect(endings(await run(effects))).toEqual(ALL_UNCHANGED)
	expect(effects.said.err.at(-1)).toMatch(
		/^warning: the files of snapshot, train, quantize, adjust, evaluate are neither here nor in a store/,
	)
	await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
	expect(endings(await run(effects)).quantize).toBe('ran')
	const before = parseFigures(await readFile(join(whole, 'whichsub.lock'), 'utf8'))
	expect(parseFigures(await lockText(effects)).train).toEqual(before.train)
	// Each step once: train, quantize, adjust and evaluate read the same snapshot.
	expect((await madeSteps(effects)).sort()).toEqual([
		'adjust',
		'evaluate',
		'quantize',
		'snapshot',
		'train',
	])
})

test('what comes out otherwise than the lock says ends a run; the next one puts it into the lock', async () => {
	const effects = effectsIn(await temporaryFolder())
	await fillDatabase(effects)
	const { train } = await readLock(effectsIn(whole))
	for (const name of ['whichsub.yaml', 'whichsub.lock'])
		await cp(join(whole, name), join(dirname(effects.parametersFile.path), name))
	const truth = train?.output.sha256 ?? ''
	const lie = 'f'.repeat(64)
	await writeFile(lockPath(effects), (await lockText(effects)).replaceAll(truth, lie))
	await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
	await expect(run(effects)).rejects.toThrow('train made other files than whichsub.lock says')
	expect(endings(await run(effects)).train).toBe('restored')
	expect((await readLock(effects)).train?.output.sha256).toBe(truth)
})

async function madeSteps({ dataDir }: Pick<Effects, 'dataDir'>): Promise<unknown[]> {
	const folder = join(dataDir, 'executions')
	const names = await readdir(folder)
	const records = await Promise.all(
		names.map((name) => readFile(join(folder, name, 'execution.json'), 'utf8')),
	)
	return records.map((record) => JSON.parse(record).step)
}

function parseFigures(text: string) {
	return { train: /loss: .*/.exec(text)?.[0] }
}

test('makes a damaged file again before a step reads it', async () => {
	const effects = await copyWhole()
	const model = join(effects.dataDir, 'executions', '2', 'model.bin')
	const { train } = await readLock(effects)
	// In place: also what the store has under another name.
	const bytes = await readFile(model)
	bytes[100] = (bytes[100] ?? 0) ^ 1
	await writeFile(model, bytes)
	await writeFile(objectPath(effects, train?.files['model.bin'] ?? { sha256: '' }), bytes)
	await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
	expect(endings(await run(effects)).quantize).toBe('ran')
	expect((await readLock(effects)).train?.output.sha256).toBe(train?.output.sha256)
})

test('tells a snapshot that was edited in place from one that is unchanged, and mends it', async () => {
	const effects = await copyWhole()
	const { snapshot } = await readLock(effects)
	const file = snapshot?.files['train.txt'] ?? { sha256: '', bytes: 0 }
	const path = join(snapshotDir(effects, snapshot?.output.sha256 ?? ''), 'train.txt')
	const whole = await readFile(path, 'utf8')
	const edited = whole.replace(/[a-z]/, 'Z')
	const options = { step: 'snapshot' } as const
	// The store's copy is whole, then edited, too, as it is where both are names of the same bytes.
	for (const ending of ['restored', 'ran']) {
		await writeFile(path, edited)
		if (ending === 'ran') await writeFile(objectPath(effects, file), edited)
		expect(await run(effects, { ...options, dryRun: true })).toMatchObject([{ ending }])
		expect(await run(effects, options)).toMatchObject([{ ending, why: ['train.txt was edited'] }])
		expect(await readFile(path, 'utf8')).toBe(whole)
		expect(endings(await run(effects, options))).toEqual({ snapshot: 'unchanged' })
	}
})

test('takes over the lock of a run whose process id another one has now', async () => {
	const effects = await copyWhole()
	const lock = join(effects.dataDir, 'store', 'run.lock')
	const child = spawn('sleep', ['600'], { stdio: 'ignore' })
	onTestFinished(() => void child.kill('SIGKILL'))
	await writeFile(lock, JSON.stringify({ pid: child.pid, host: hostname(), started: 'before' }))
	expect(endings(await run(effects, { step: 'snapshot' }))).toEqual({ snapshot: 'unchanged' })
	expect(await exists(lock)).toBe(false)
})

test('a killed run goes on where it was', async () => {
	const effects = await copyWhole()
	await setParameters(effects, 'epochs: 3', 'epochs: 2000')
	const child = await startRun(effects)
	await expect.poll(() => readdir(join(effects.dataDir, 'executions'))).toContain('6')
	child.kill('SIGKILL')
	await once(child, 'exit')
	const lock = await readLock(effects)
	expect(lock.train?.parameters.epochs).toBe(3)
	await setParameters(effects, 'epochs: 2000', 'epochs: 4')
	expect(endings(await run(effects))).toEqual({
		...ALL_UNCHANGED,
		train: 'ran',
		quantize: 'ran',
		adjust: 'ran',
		evaluate: 'ran',
	})
	expect(endings(await run(effects))).toEqual(ALL_UNCHANGED)
})

test('two runs at once: the second one is refused with a line', async () => {
	const effects = await copyWhole()
	await setParameters(effects, 'epochs: 3', 'epochs: 2000')
	const child = await startRun(effects)
	await expect.poll(() => exists(join(effects.dataDir, 'store', 'run.lock'))).toBe(true)
	await expect(run(effects)).rejects.toThrow(/another run is at work/)
	child.kill('SIGKILL')
	await once(child, 'exit')
})

async function startRun({ dataDir, modelsDir, parametersFile }: Effects) {
	const args = [
		await compiled('tests/fixtures/run-forever.ts'),
		dataDir,
		modelsDir,
		parametersFile.path,
	]
	const child = spawn(process.execPath, args, { stdio: 'ignore' })
	onTestFinished(() => void child.kill('SIGKILL'))
	return child
}

describe('the command', () => {
	const command = async (effects: TestEffects, ...args: string[]) => ({
		code: await main(['run', ...args], effects),
		out: effects.said.out.splice(0).join('\n'),
		err: effects.said.err.splice(0),
	})

	test('says one line for each step, and sums up', async () => {
		const effects = await copyWhole()
		await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
		const { code, out, err } = await command(effects, 'evaluate')
		expect(code).toBe(0)
		expect(err.map((line) => line.replace(/[\d.]+ (s|kB|B)/g, '? $1'))).toEqual([
			'✓ snapshot: unchanged, #1',
			'✓ train: unchanged, #2',
			'✓ quantize: #6 in ? s, ? kB; parameter cutoff: 0 → 20',
			expect.stringMatching(/^✓ adjust: #7 in \? s, .*; model: quantized .* → quantized /),
			expect.stringMatching(/^✓ evaluate: #8 in \? s, .*; model: candidate .* → candidate /),
		])
		expect(out).toMatch(/^step +execution +what +time +size +figure$/m)
		expect(out).toMatch(/^quantize +#6 +ran /m)
		expect(out).toMatch(/^3 of 5 steps ran; .* in all$/m)
	})

	test('plans without changing anything', async () => {
		const effects = await copyWhole()
		await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
		const before = await lockText(effects)
		const { code, out, err } = await command(effects, '--dry-run')
		expect(code).toBe(0)
		expect(err).toEqual([])
		expect(out).toBe(`snapshot  unchanged, #1
train     unchanged, #2
quantize  would run:
    parameter cutoff: 0 → 20
adjust    would run, unless what it reads comes out as before:
    quantize would run
evaluate  would run, unless what it reads comes out as before:
    adjust would run
compare   would be left out:
    production serves no release yet`)
		expect(await lockText(effects)).toBe(before)
	})

	test('prints JSON for programs', async () => {
		const effects = await copyWhole()
		const { out } = await command(effects, '--json')
		const { dryRun, steps } = JSON.parse(out) as { dryRun: boolean; steps: StepReport[] }
		expect(dryRun).toBe(false)
		expect(steps.map(({ step }) => step)).toEqual(ALL)
		expect(steps[1]).toMatchObject({ ending: 'unchanged', why: [], execution: /^2-/ })
	})

	test('clears what no lock needs, after showing it', async () => {
		const effects = await copyWhole()
		expect((await command(effects, '--gc')).out).toBe(
			'nothing to clear: a lock, a commit or a release needs each of 5 runs',
		)
		await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
		await command(effects, 'evaluate')
		const model = join(effects.dataDir, 'executions', '3', 'model.ftz')
		const shown = await command(effects, '--gc', '--dry-run')
		expect(shown.out).toMatch(/^quantize +#3 /m)
		expect(shown.out).toMatch(/would be cleared: 3 runs .*, [\d.]+ kB become free; 5 runs stay$/)
		expect(await exists(model)).toBe(true)
		expect((await command(effects, '--gc')).out).toMatch(/^cleared: 3 runs/m)
		expect(await exists(model)).toBe(false)
		expect(await exists(join(dirname(model), 'execution.json'))).toBe(true)
		expect(endings(await run(effects))).toEqual(ALL_UNCHANGED)
		await setParameters(effects, 'cutoff: 20', 'cutoff: 0')
		expect(endings(await run(effects)).quantize).toBe('ran')
	})

	test('keeps what a commit needs', async () => {
		const effects = await copyWhole()
		const folder = dirname(effects.parametersFile.path)
		const git = (...args: string[]) =>
			once(
				spawn('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
					cwd: folder,
					stdio: 'ignore',
				}),
				'exit',
			)
		await git('init')
		await git('add', 'whichsub.lock')
		await git('commit', '-m', 'lock')
		await setParameters(effects, 'cutoff: 0', 'cutoff: 20')
		await command(effects, 'evaluate')
		expect((await command(effects, '--gc')).out).toBe(
			'nothing to clear: a lock, a commit or a release needs each of 8 runs',
		)
	})

	test('a step that is none is wrong usage', async () => {
		const effects = await copyWhole()
		expect((await command(effects, 'everything')).code).toBe(2)
	})
})
