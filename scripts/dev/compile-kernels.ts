// Compiles what commands run as WebAssembly. `npm ci` runs it, so that the first `ingest`, `train` or `predict` need not wait for it and
// need no memory for it; what changes later is compiled by the first command that uses it.
import { errorMessage } from '../../src/shared/app-error.ts'
import { createPostScanner } from '../lib/posts/post-scanner.ts'
import { compileBatchKernels } from '../lib/suggestions/vector-batch.ts'
import { loadKernels } from '../lib/trainer/compile.ts'

try {
	// One after the other: each takes more than a gigabyte for a moment.
	await createPostScanner()
	await loadKernels()
	await compileBatchKernels()
} catch (error) {
	const why = errorMessage(error)
	process.stderr.write(`not compiled yet, the first command that needs it will try: ${why}\n`)
}
