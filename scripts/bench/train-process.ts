// One training or quantising in a process of its own, so that its peak of memory is its own:
// tsx train-process.ts train|quantize JOB-AS-JSON; prints one JSON object.
import { tmpdir } from 'node:os'
import { processEffects } from '../lib/effects.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'

const [task, json = '{}'] = process.argv.slice(2)
const effects = processEffects(
	{ dataDir: tmpdir(), modelsDir: tmpdir() },
	new AbortController().signal,
)
const job = JSON.parse(json)
const figures = await wasmTrainer[task === 'train' ? 'train' : 'quantize'](job, effects)
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6
effects.out(JSON.stringify({ ...figures, peakBytes: maxRSS * 1024, cpuSeconds }))
