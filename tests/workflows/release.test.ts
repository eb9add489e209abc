// `release.yml` and `pages.yml`, step by step, on a remote of their own.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { promote } from '../../scripts/lib/releases/channels.ts'
import { effectsIn } from '../fixtures/effects.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../fixtures/release.ts'
import { startS3Server } from '../fixtures/s3-server.ts'
import { World } from './world.ts'

const [FIRST, SECOND] = ['20200601.0', '20200602.0'] as const
const TOPICS = { cats: ['kitten'], linux: ['kernel'] }

let world: World

beforeAll(async () => {
	world = await World.create(async (checkout) => {
		const models = join(checkout, 'public/models')
		const model = makeModelFile({ topics: TOPICS })
		const listed = [
			await writeRelease(models, { version: FIRST, model, labels: 2 }),
			await writeRelease(models, { version: SECOND, model, labels: 2 }),
		]
		await writeReleases(models, listed, {})
		const first = {
			version: FIRST,
			channel: 'production',
			why: 'the first',
			dryRun: false,
		} as const
		await promote(first, effectsIn(checkout, { modelsDir: models }))
	})
}, 120_000)
afterAll(() => world.close())

/** @param without `deploy`: one test looks at what is deployed, and a build takes long */
function change(
	inputs: Readonly<Record<string, unknown>>,
	{ without = ['deploy'], isByNpm = false } = {},
) {
	return world.runner.run('release.yml', {
		eventName: 'workflow_dispatch',
		inputs: { share: '0.1', version: '', force: false, ...inputs },
		without,
		isByNpm,
	})
}

describe('release.yml', () => {
	it('promotes with the reason that a person typed, whatever is in it', async () => {
		const why = 'better "on" June\'s posts; $(touch /tmp/whichsub-injected) `id`'
		const { jobs, log } = await change(
			{ action: 'promote', version: SECOND, why, force: true },
			// npm gives the arguments to a shell of its own.
			{ isByNpm: true },
		)
		expect(jobs.change?.result, log).toBe('success')
		const { channels, history } = await world.releases()
		expect(channels.production).toBe(SECOND)
		expect(history.at(-1)).toMatchObject({ channel: 'production', to: SECOND })
		expect(history.at(-1)?.why).toContain(why)
		expect((await world.subjects())[0]).toContain(`Promote production: ${FIRST} → ${SECOND}`)
	}, 180_000)

	it('rolls back', async () => {
		const { jobs, log } = await change({ action: 'rollback', why: 'people pick less' })
		expect(jobs.change?.result, log).toBe('success')
		expect((await world.releases()).channels.production).toBe(FIRST)
		expect((await world.subjects())[0]).toContain('Roll back production')
	}, 180_000)

	it('gives a canary its share, and takes it back', async () => {
		await change({ action: 'canary', version: SECOND, share: '0.25', why: 'try it' })
		expect((await world.releases()).channels.canary).toEqual({ version: SECOND, share: 0.25 })
		await change({ action: 'rollback canary', why: 'enough' })
		expect((await world.releases()).channels.canary).toBeNull()
	}, 180_000)

	it('puts what it promotes into a bucket where there is one, and deploys a page that loads it from there', async () => {
		const bucket = await startS3Server('releases')
		bucket.isPublic = true
		const origin = bucket.env.AWS_ENDPOINT_URL ?? ''
		await world.push('main', (checkout) =>
			writeFile(join(checkout, 'whichsub.yaml'), `releases:\n  origins: ['${origin}']\n`),
		)
		const { jobs, log } = await world.runner.run('release.yml', {
			eventName: 'workflow_dispatch',
			inputs: { action: 'canary', version: SECOND, share: '0.5', why: 'try', force: false },
			secrets: { ...bucket.env, WHICHSUB_RELEASES_TO: 's3://releases/whichsub' },
		})
		expect(jobs, log).toMatchObject({
			change: { result: 'success' },
			deploy: { result: 'success' },
		})
		expect(log).not.toContain(bucket.env.AWS_SECRET_ACCESS_KEY)
		const { releases, channels } = await world.releases()
		const location = `${origin}/releases/whichsub/${SECOND}/`
		expect(releases.map((entry) => entry.location)).toEqual([undefined, location])
		expect(channels.canary).toEqual({ version: SECOND, share: 0.5 })
		const model = `public/models/${SECOND}/model.bin.packed`
		await expect(world.show(model)).rejects.toThrow(/does not exist|exists on disk/)
		expect(await world.show(`public/models/${SECOND}/manifest.json`)).toContain(SECOND)
		expect([...bucket.objects.keys()]).toContain(`whichsub/${SECOND}/model.bin.packed`)
		const deployed = await readFile(join(world.runner.pages, 'models/releases.json'), 'utf8')
		expect(JSON.parse(deployed).channels).toEqual(channels)
		const page = await readFile(join(world.runner.pages, 'index.html'), 'utf8')
		expect(page).not.toMatch(/(src|href)="\//)
		expect(page).toContain(`connect-src &#39;self&#39; ${origin}`)
		// The pages workflow, which has no secret, reads the bucket as everybody does.
		expect(log).toContain(`ok       ${location}model.bin.packed`)
	}, 300_000)

	it('commits and deploys nothing where the release does not exist', async () => {
		const before = await world.commitOf('main')
		const { jobs, log } = await change(
			{ action: 'promote', version: '20200603.0', why: 'typo' },
			{ without: [] },
		)
		expect(jobs).toMatchObject({ change: { result: 'failure' }, deploy: { result: 'skipped' } })
		expect(log).toContain('no release 20200603.0')
		expect(await world.commitOf('main')).toBe(before)
	}, 60_000)
})
