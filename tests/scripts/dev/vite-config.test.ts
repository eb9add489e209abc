import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { contentSecurityPolicy } from '../../../src/shared/content-security-policy.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'
import { writeRelease, writeReleases } from '../../fixtures/release.ts'

const VERSION = '20130601.0'

afterEach(() => vi.unstubAllEnvs())

/** Builds a page with a release that lies elsewhere, and a whichsub.yaml that names these origins. @returns its HTML */
async function build(location: string, origins: string) {
	const dir = await temporaryFolder()
	const publicDir = join(dir, 'public')
	const entry = await writeRelease(join(publicDir, 'models'), {
		version: VERSION,
		model: new Uint8Array(100),
		labels: 3,
	})
	await writeReleases(join(publicDir, 'models'), [{ ...entry, location }], { production: VERSION })
	const parameters = join(dir, 'whichsub.yaml')
	await writeFile(parameters, `releases:\n  origins: ${origins}\n`)
	vi.stubEnv('WHICHSUB_PARAMETERS', parameters)
	const root = join(dir, 'root')
	await mkdir(root)
	await writeFile(join(root, 'page.js'), 'document.title = 1')
	const page = '<title>page</title><script type="module" src="./page.js"></script>'
	await writeFile(join(root, 'index.html'), page)
	const { build } = await import('vite')
	await build({
		configFile: resolve(import.meta.dirname, '../../../vite.config.ts'),
		root,
		publicDir,
		logLevel: 'silent',
		build: { outDir: join(dir, 'dist') },
	})
	return readFile(join(dir, 'dist/index.html'), 'utf8')
}

describe('the build of the page', () => {
	test('refuses releases that lie where its policy would not let it load them', async () => {
		const location = `https://models.example.org/${VERSION}/`
		for (const origins of ['[]', '[https://other.example]', '["https://models.example.org:444"]'])
			await expect(build(location, origins)).rejects.toThrow(
				`releases lie where this page may load nothing from: ${VERSION} at https://models.example.org; name the origin in releases.origins of`,
			)
	})

	test('refuses origins that a policy would read in another way', async () => {
		const building = build('https://models.example.org/', '["https://*.example.org"]')
		await expect(building).rejects.toThrow(/whichsub\.yaml:2: .*expected an origin like/)
	})

	test('writes the origins into the policy of the page', async () => {
		const html = await build(
			`https://models.example.org/${VERSION}/`,
			'[https://models.example.org]',
		)
		const policy = contentSecurityPolicy(['https://models.example.org'])
		expect(html).toContain(`content="${policy.replaceAll("'", '&#39;')}"`)
	})
})
