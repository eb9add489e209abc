// The entry of every command: parse, dispatch, print errors, exit code.
import { main } from './lib/main.ts'

process.exitCode = await main(process.argv.slice(2))
