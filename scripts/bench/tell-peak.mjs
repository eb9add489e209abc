// `node --import` of this file: the last line of what a command prints is its process's peak of memory, as JSON.
import { writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

if (isMainThread)
	process.once('exit', () => {
		const peakBytes = process.resourceUsage().maxRSS * 1024
		writeSync(1, `${JSON.stringify({ peakBytes })}\n`)
	})
