// A collector in a process of its own, for the soak to kill: node --import tsx soak-collector.ts SETTINGS
// One that was started with a channel to its parent says when it is ready, and begins when it is told to.
import { once } from 'node:events'
import { collectAll, type SoakSettings } from './soak-settings.ts'

const settings = JSON.parse(process.argv[2] ?? '') as SoakSettings
if (process.send) {
	process.send('ready')
	await once(process, 'message')
	process.disconnect()
}
await collectAll(settings, new AbortController().signal)
