// The table of commands, in the order of the help: nothing is listed twice.
import type { CreateCommand } from '../lib/command.ts'
import { createIngestCommand } from './ingest.ts'
import { createServeCommand } from './serve.ts'
import { createSnapshotCommand } from './snapshot.ts'

export const commands: readonly CreateCommand[] = [
	createIngestCommand,
	createSnapshotCommand,
	createServeCommand,
]
