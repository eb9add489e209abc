// What a record describes is checked each time that it is read: every command with every file that it reads, harmed in
// every way.
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFile } from '../../../scripts/lib/files.ts'
import { executionDir } from '../../../scripts/lib/pipeline/claim.ts'
import { listExecutions } from '../../../scripts/lib/pipeline/executions.ts'
import {
	checkRecordedFile,
	type RecordedFile,
	readRecordedFile,
} from '../../../scripts/lib/recorded-files.ts'
import { main } from '../../../scripts/main.ts'
import { type TestEffects, temporaryFolder } from '../../fixtures/effects.ts'
import {
	ADJUSTING,
	EVALUATION,
	QUANTIZING,
	RELEASE,
	SNAPSHOT,
	TRAINING,
	usePipeline,
} from '../../fixtures/pipeline.ts'

type Harm = (path: string) => Promise<void>

/** As many bytes as before, one of them another. */
const edit: Harm = async (path) => {
	const bytes = await readFile(path)
	const middle = bytes.length >> 1
	bytes[middle] = (bytes[middle] ?? 0) ^ 1
	await writeFile(path, bytes)
}

const HARMS: Readonly<Record<string, Harm>> = {
	missing: (path) => rm(path),
	'a folder': async (path) => {
		await rm(path)
		await mkdir(path)
	},
	'a link to itself': async (path) => {
		await rm(path)
		await symlink(path, path)
	},
	empty: (path) => writeFile(path, ''),
	'cut off': async (path) => {
		const bytes = await readFile(path)
		await writeFile(path, bytes.subarray(0, bytes.length - 2))
	},
	longer: async (path) => writeFile(path, ' \n', { flag: 'a' }),
	edited: edit,
	// Nothing is unreadable to root.
	...(process.getuid?.() === 0 ? {} : { unreadable: (path) => chmod(path, 0) }),
}

type Find = (effects: TestEffects) => Promise<string>

const inSnapshot =
	(name: string): Find =>
	async ({ dataDir }) => {
		const [folder = ''] = await readdir(join(dataDir, 'snapshots'))
		return join(dataDir, 'snapshots', folder, name)
	}
const inExecution =
	(id: number, name: string): Find =>
	async (effects) =>
		join(executionDir(effects, id), name)
const inRelease =
	(name: string): Find =>
	async ({ modelsDir }) =>
		join(modelsDir, RELEASE, name)

const FILES: Readonly<Record<string, Find>> = {
	'snapshot.json': inSnapshot('snapshot.json'),
	'train.txt': inSnapshot('train.txt'),
	'valid.txt': inSnapshot('valid.txt'),
	'test.txt': inSnapshot('test.txt'),
	"the training's model.bin": inExecution(TRAINING, 'model.bin'),
	"the quantizing's model.ftz": inExecution(QUANTIZING, 'model.ftz'),
	"the evaluation's report.json": inExecution(EVALUATION, 'report.json'),
	"the candidate's model.ftz": inExecution(ADJUSTING, 'model.ftz'),
	"the candidate's calibration.json": inExecution(ADJUSTING, 'calibration.json'),
	"the release's manifest.json": inRelease('manifest.json'),
	"the release's model": inRelease('model.ftz.packed'),
	"the release's report.json": inRelease('report.json'),
}

const TRAIN = ['train', '--dim', '8', '--epochs', '1']
const COMPARE = ['compare', RELEASE, `#${ADJUSTING}`]
const PUBLISH = ['release', 'publish', '--execution', `${QUANTIZING}`]

/** Each command, and the files that it reads. */
const READS: readonly (readonly [readonly string[], readonly (keyof typeof FILES)[]])[] = [
	[TRAIN, ['snapshot.json', 'train.txt']],
	[['quantize'], ['snapshot.json', 'train.txt', "the training's model.bin"]],
	[['adjust'], ['snapshot.json', 'valid.txt', "the quantizing's model.ftz"]],
	[
		['evaluate', '--execution', `${ADJUSTING}`],
		['snapshot.json', 'test.txt', "the candidate's model.ftz", "the candidate's calibration.json"],
	],
	[['evaluate', '--execution', `${TRAINING}`], ["the training's model.bin"]],
	[
		['evaluate', '--release', RELEASE],
		['test.txt', "the release's manifest.json", "the release's model"],
	],
	[
		COMPARE,
		[
			...['snapshot.json', "the candidate's model.ftz", "the candidate's calibration.json"],
			...["the release's manifest.json", "the release's model"],
		],
	],
	[
		['compare', RELEASE, `#${TRAINING}`],
		['valid.txt', 'test.txt'],
	],
	...[PUBLISH, [...PUBLISH, '--dry-run']].map(
		(args) =>
			[
				args,
				[
					...['snapshot.json', "the candidate's model.ftz"],
					...["the evaluation's report.json", "the candidate's calibration.json"],
				],
			] as const,
	),
	...[
		['release', 'promote', RELEASE, '--channel', 'staging'],
		['release', 'verify'],
	].map(
		(args) =>
			[
				args,
				["the release's manifest.json", "the release's model", "the release's report.json"],
			] as const,
	),
	[
		['predict', 'kitten'],
		["the release's manifest.json", "the release's model"],
	],
]

const copyPipeline = usePipeline()

/** What a command needs is made before it: that this went well is no fault. */
async function listMeasured(effects: TestEffects) {
	return (await listExecutions(effects)).filter(
		({ step }) => !['adjust', 'evaluate'].includes(step),
	)
}

describe('a command that reads a file on record', () => {
	const cases = READS.flatMap(([args, files]) =>
		files.map((file) => ({ command: args.join(' '), args, file })),
	)
	// Every pair of a command and a file is harmed in two ways; each file, by the first command that reads it, in all.
	const harmsFor = ({ command, file }: { command: string; file: string }) =>
		Object.entries(HARMS).filter(
			([name]) =>
				name === 'missing' ||
				name === 'edited' ||
				cases.find((other) => other.file === file)?.command === command,
		)

	it.each(cases)(
		'$command ends with 1 and one line where $file is harmed',
		async ({ command, args, file }) => {
			const effects = await copyPipeline()
			const path = (await FILES[file]?.(effects)) ?? ''
			const sound = await readFile(path)
			const before = await listMeasured(effects)
			for (const [name, harm] of harmsFor({ command, file })) {
				// White space behind a JSON value changes nothing of it.
				if (name === 'longer' && file === 'snapshot.json') continue
				await harm(path)
				effects.said.err.length = 0
				expect([name, await main(args, effects)]).toEqual([name, 1])
				const said = effects.said.err.filter((line) => line.startsWith('whichsub: '))
				expect([name, said]).toEqual([name, [expect.stringContaining(path)]])
				// What it is, where, and what to do.
				expect(said[0]).toMatch(/^whichsub: [^;\n]+; [^\n]+$/)
				// Of a step that had begun there is a record that says so, and nothing else.
				expect(await listMeasured(effects)).toEqual(before)
				await rm(path, { recursive: true, force: true })
				await writeFile(path, sound)
			}
		},
	)
})

describe('a snapshot', () => {
	it('is made again by the same command where one of its files was changed', async () => {
		const effects = await copyPipeline()
		const args = ['snapshot', '--until', '2013-06-01', '--test-until', '2013-07-01']
		const again = [...args, '--min-posts', '2']
		for (const name of ['train.txt', 'snapshot.json']) {
			const path = await inSnapshot(name)(effects)
			const sound = await readFile(path)
			await edit(path)
			expect(await main(again, effects)).toBe(0)
			expect(sound.equals(await readFile(path))).toBe(true)
			expect(effects.said.err.join('\n')).toContain(path)
		}
		expect(await main(['evaluate'], effects)).toBe(0)
	})

	it('gives no score for a test file that holds training titles', async () => {
		const effects = await copyPipeline()
		const train = await readFile(await inSnapshot('train.txt')(effects), 'utf8')
		const lines = `${train.split('\n').slice(0, 30).join('\n')}\n`
		await writeFile(await inSnapshot('test.txt')(effects), lines)
		expect(await main(['evaluate'], effects)).toBe(1)
		expect(effects.said.out).toEqual([])
		expect(effects.said.err.at(-1)).toMatch(/test\.txt is damaged: \d+ bytes, expected \d+; /)
	})

	it('is not taken for another one whose files and record came into its folder', async () => {
		const effects = await copyPipeline()
		const args = ['snapshot', '--until', '2013-05-01', '--min-posts', '2', '--json']
		expect(await main(args, effects)).toBe(0)
		const { dir } = JSON.parse(effects.said.out.at(-1) ?? '') as { dir: string }
		const names = await readdir(join(effects.dataDir, 'snapshots'))
		const other = names.find((name) => !dir.endsWith(name)) ?? ''
		await rm(dir, { recursive: true })
		await symlink(join(effects.dataDir, 'snapshots', other), dir)
		expect(await main(TRAIN, effects)).toBe(1)
		expect(effects.said.err.at(-1)).toContain(`describes snapshot ${other}`)
	})
})

describe('the record of an execution', () => {
	const NEWER = '{"schema":3,"id":2}'

	it.each([
		['damaged', '{"schema":1,', /is damaged: it is not JSON; restore it from a copy, or remove/],
		['of a newer version', NEWER, /has schema 3, .*; update whichsub/],
		['of another execution', null, new RegExp(`is of execution #${SNAPSHOT}; `)],
	])('stops what needs it, and nothing else, where it is %s', async (_, text, message) => {
		const effects = await copyPipeline()
		const path = join(executionDir(effects, QUANTIZING), 'execution.json')
		const other = join(executionDir(effects, SNAPSHOT), 'execution.json')
		await writeFile(path, text ?? (await readFile(other)))
		expect(await main(['quantize', '--cutoff', '20', '--max-bytes', '100000'], effects)).toBe(0)
		const warnings = effects.said.err.filter((line) => line.startsWith('warning: '))
		expect(warnings).toEqual([expect.stringMatching(message)])
		expect(warnings[0]).toContain(path)
		expect(await main(['release', 'publish'], effects)).toBe(0)
		expect(await main(['evaluate', '--execution', `${QUANTIZING}`], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(message)
		expect(effects.said.err.at(-1)).toContain(path)
	})
})

describe('checkRecordedFile and readRecordedFile', () => {
	async function record(bytes: Uint8Array): Promise<RecordedFile> {
		const path = join(await temporaryFolder(), 'file')
		await writeFile(path, bytes)
		const { name: _, ...record } = await describeFile(path)
		return { path, record, what: 'file', remedy: 'get it again' }
	}

	it.each([0, 1, 1 << 20, (1 << 20) + 1])('take a file of %i bytes as it is', async (length) => {
		const bytes = Buffer.alloc(length, 7)
		const file = await record(bytes)
		expect(await checkRecordedFile(file)).toBe(file.path)
		// Not toEqual: it takes a second for each hundred thousand bytes.
		expect(bytes.equals(await readRecordedFile(file))).toBe(true)
	})

	it('notice one changed byte behind the first piece', async () => {
		const bytes = Buffer.alloc((1 << 20) + 100, 7)
		const file = await record(bytes)
		bytes[(1 << 20) + 50] = 8
		await writeFile(file.path, bytes)
		for (const read of [checkRecordedFile, readRecordedFile])
			await expect(read(file)).rejects.toMatchObject({
				code: 'damaged',
				message: `${file.path} is damaged: its SHA-256 is not the one on record; get it again`,
			})
	})
})
