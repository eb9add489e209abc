// README's way from posts to a release and back, with SQLite alone: each command is a process in which the packages of other
// databases are not installed.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { ListedRelease } from '../../scripts/lib/releases/list.ts'
import { compiled } from '../fixtures/compiled.ts'
import { formatNdjson, makeCorpus } from '../fixtures/corpus.ts'
import { temporaryFolder } from '../fixtures/effects.ts'
import { makeFeedback } from '../fixtures/feedback.ts'

/** Small, and a gate for a few hundred posts. */
const PARAMETERS = `
snapshot: { split: newest, testPosts: 8, minPosts: 20, seed: 3 }
train: { dim: 8, epochs: 5, threads: 1 }
quantize: { maxBytes: 100000, threads: 1 }
gate: { recallMargin: 0.5, maxCalibrationError: 1, maxChurnFive: 1 }
retrain: { maxShareRise: 1 }
`
const URL_OF = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`
const RESOLVE = `export async function resolve(name, context, next) {
	if (!/^(@clickhouse|chdb|sqld|@sqld)\\b/.test(name)) return next(name, context)
	throw Object.assign(new Error('not installed: ' + name), { code: 'ERR_MODULE_NOT_FOUND' })
}`
const NOT_INSTALLED = URL_OF(
	`import { register } from 'node:module'; register(${JSON.stringify(URL_OF(RESOLVE))})`,
)

async function makePlace() {
	const dir = await temporaryFolder()
	await writeFile(join(dir, 'whichsub.yaml'), PARAMETERS)
	const folders = ['--data', 'data', '--models', 'models', '--parameters', 'whichsub.yaml']
	const cli = await compiled('scripts/cli.ts')
	const run = promisify(execFile)
	const whichsub = async (line: string, env: Record<string, string> = {}) => {
		const args = ['--import', NOT_INSTALLED, cli, ...folders, ...line.split(' ')]
		const options = { cwd: dir, env: { PATH: process.env.PATH, ...env } }
		return (await run(process.execPath, args, options)).stdout
	}
	return { dir, whichsub }
}

describe('with SQLite alone', () => {
	it('a release is made of posts, served, replaced a month later, and rolled back', async () => {
		const { dir, whichsub } = await makePlace()
		const posts = makeCorpus({
			postsPerSubreddit: 120,
			from: Date.UTC(2026, 0) / 1000,
			until: Date.UTC(2026, 2) / 1000,
		})
		await mkdir(join(dir, 'data'))
		await writeFile(join(dir, 'first.ndjson'), formatNdjson(posts.slice(0, 480)))
		await writeFile(join(dir, 'second.ndjson'), formatNdjson(posts.slice(480)))
		const pick = makeFeedback({ id: 1, title: 'A boat', pick: { how: 'none' } })
		await writeFile(join(dir, 'picks.jsonl'), `${JSON.stringify(pick)}\n`)
		const list = posts.slice(0, 8).map(({ subreddit: name }) => ({ name, subscribers: 1_000 }))
		await writeFile(join(dir, 'list.ndjson'), formatNdjson(list))

		await whichsub('ingest first.ndjson')
		expect(JSON.parse(await whichsub('posts stats --json'))).toMatchObject({ posts: 480 })
		await whichsub('subreddits import list.ndjson')
		for (const step of ['snapshot', 'train', 'quantize', 'evaluate']) await whichsub(step)
		const publish = async () =>
			(JSON.parse(await whichsub('release publish --json')) as { version: string }).version
		const first = await publish()
		await whichsub(`release promote ${first} --force --why first`)
		const asked = JSON.parse(await whichsub('predict --json kitten'))
		expect(asked.suggestions[0]).toMatchObject({ subreddit: 'cats' })

		await whichsub('ingest second.ndjson')
		await whichsub('feedback import picks.jsonl')
		await whichsub('retrain --recipe parameters')
		const servedBy = async (channel: string) => {
			const listed = JSON.parse(await whichsub('release list --json')) as ListedRelease[]
			return listed.find(({ channels }) => channels.includes(channel))?.version
		}
		const second = await servedBy('staging')
		expect(second).toMatch(/^\d{8}\.\d+$/)
		expect(second).not.toBe(first)
		await whichsub(`compare production ${second} --gate`)
		await whichsub(`release promote ${second}`)
		await whichsub('release rollback')
		expect(await servedBy('production')).toBe(first)
		await whichsub('release verify')
	}, 600_000)

	it('posts in ClickHouse are said to need its client', async () => {
		const { whichsub } = await makePlace()
		const env = { WHICHSUB_DATABASE_URL: 'clickhouse+http://127.0.0.1:9/default' }
		await expect(whichsub('posts stats', env)).rejects.toMatchObject({
			code: 1,
			stderr:
				'whichsub: posts in ClickHouse need its client; run: npm install @clickhouse/client\n',
		})
	})
})
