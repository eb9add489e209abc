// One command of whichsub, as scripts/cli.ts runs it; the last line of its output is the process's peak of memory.
import { main } from '../main.ts'

process.exitCode = await main(process.argv.slice(2))
process.stdout.write(`${JSON.stringify({ peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`)
