// Downloads to a disk that takes less than it is asked to: at a limit of file sizes, Linux writes what there is room for, and says so.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'
import { OriginServer } from '../../../fixtures/origin-server.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
/** Of a file's size, in units of 1,024 bytes. Compiled modules are smaller. */
const LIMIT = 2_049

async function download(bytes: Buffer) {
	const origin = await OriginServer.start()
	onTestFinished(() => origin.remove())
	await writeFile(join(origin.dir, 'model'), bytes)
	const dataDir = await temporaryFolder()
	const record = { bytes: bytes.length, sha256: sha256(bytes) }
	const file = { url: `${origin.origin}/model`, record, what: 'model' }
	const code = `import { fetchOnce } from './scripts/lib/release-files/elsewhere.ts'
		await fetchOnce(${JSON.stringify(file)}, ${JSON.stringify({ dataDir, modelsDir: dataDir })})`
	const script = `ulimit -f ${LIMIT}; exec "$0" --import tsx --input-type=module --eval "$1"`
	const child = spawn('bash', ['-c', script, process.execPath, code], { cwd: ROOT })
	let err = ''
	child.stderr.on('data', (chunk) => (err += chunk))
	const [exitCode] = await once(child, 'close')
	const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
	const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
	return { exitCode, err, files }
}

test.skipIf(process.platform !== 'linux')('a file is kept whole or not at all', async () => {
	const whole = await download(Buffer.alloc(LIMIT * 1024, 'a'))
	expect([whole.err, whole.exitCode, whole.files.length]).toEqual(['', 0, 1])
	const cut = await download(Buffer.alloc(LIMIT * 1024 + 300, 'a'))
	expect(cut.err).toContain('EFBIG')
	expect([cut.exitCode, cut.files]).toEqual([1, []])
})
