// `npm run bench -- unseen`: how well and how fast subreddits are found that were left out of a training.
import { AppError } from '../../src/shared/app-error.ts'
import { UNSEEN_DRAW } from '../lib/evaluation/unseen-figure.ts'
import { importSubreddits } from '../lib/subreddits/import.ts'
import { wasmTrainer } from '../lib/trainer/wasm.ts'
import { UNSEEN_PARAMETERS } from '../lib/unseen/build-index.ts'
import { measureUnseen } from '../lib/unseen/measure.ts'
import { figuresAt } from '../lib/unseen/tally.ts'
import type { Benchmark } from './benchmark.ts'
import { sampleSubreddits } from './sample-posts.ts'
import { prepareTraining } from './train-data.ts'

export const benchUnseen: Benchmark = async (effects) => {
	const file = await sampleSubreddits()
	if (file === null)
		throw new AppError('not-found', 'the list of subreddits beside the real posts is not there')
	const { snapshot, note } = await prepareTraining(effects)
	await importSubreddits({ file }, effects)
	const times: number[] = []
	const recipe = wasmTrainer.defaults
	const onSearch = (milliseconds: number) => times.push(milliseconds)
	const options = { snapshot, recipe, ...UNSEEN_DRAW, evidenceBytes: 0, onSearch }
	const figures = await measureUnseen(options, effects)
	const { shown, right } = figuresAt(figures, UNSEEN_PARAMETERS.threshold)
	const mean = times.reduce((sum, one) => sum + one, 0) / times.length
	return [
		{
			...{ name: 'unseen.recall@5', value: figures['recall@5'], unit: 'of posts' },
			note: `${UNSEEN_DRAW.leaveOut} subreddits left out, ${figures.candidates} candidates; ${note}`,
		},
		{ name: 'unseen.recall@1', value: figures['recall@1'], unit: 'of posts' },
		{ name: 'unseen: titles with one shown', value: shown, unit: 'of titles' },
		{ name: 'unseen: right of those shown', value: right, unit: 'of shown' },
		{ name: 'unseen: search', value: mean, unit: 'ms' },
	]
}
