// The entry of every command: parse, dispatch, print errors, exit code.
import { EXIT_INTERRUPTED, main } from './main.ts'

// What shells report for a command whose reader has gone, as in `whichsub predict | head -1`.
const EXIT_CLOSED_PIPE = 141

for (const stream of [process.stdout, process.stderr])
	stream.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE') throw error
		process.exit(EXIT_CLOSED_PIPE)
	})

process.exitCode = await main(process.argv.slice(2))
// What still runs beside the main thread, as SQLite's look at a disk, is not waited for.
if (process.exitCode === EXIT_INTERRUPTED) process.exit()
