// How far a training is, read from the record that the kernels keep.
import type { Effects } from '../effects.ts'
import { Progress } from '../progress.ts'
import type { TRAIN } from './layout.ts'
import type { Struct } from './struct.ts'

const POLL_MS = 250

/** Redraws the progress by what the job says, until `finish`. */
export function trackProgress(
	job: Struct<typeof TRAIN>,
	posts: number,
	{ batch, epochs }: { readonly batch: number; readonly epochs: number },
	effects: Effects,
) {
	const whole = posts * epochs
	const postsDone = () => Math.min(whole, job.get('step') * batch)
	const before = postsDone()
	const progress = new Progress(
		{ label: 'training', total: whole - before, unit: 'posts' },
		effects,
	)
	const report = () => {
		const mean = job.get('lossSum') / Math.max(1, job.get('lossCount'))
		progress.update(postsDone() - before, `loss ${mean.toFixed(3)}`)
	}
	const timer = setInterval(report, POLL_MS)
	return {
		/** Says a line of its own; the next report draws the bar again. */
		say(line: string) {
			progress.finish()
			effects.err(line)
		},
		finish() {
			clearInterval(timer)
			progress.finish()
		},
	}
}
