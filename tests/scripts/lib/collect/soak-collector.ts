// A collector in a process of its own, for the soak to kill: node --import tsx soak-collector.ts SETTINGS
import { collectAll, type SoakSettings } from './soak-settings.ts'

const settings = JSON.parse(process.argv[2] ?? '') as SoakSettings
await collectAll(settings, new AbortController().signal)
