// Suggestions on the command line: what the page would show, for a title or for a stream of them. Node.
import { Suggester, type Suggestions } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { loadEngine } from '../engine.ts'
import { openRelease } from '../models/release.ts'
import { readLines } from '../posts/lines.ts'

export interface PredictOptions {
	/** A version or a channel. */
	readonly release: string
	/** Titles come from stdin, one a line, where it is not given. */
	readonly title?: string | undefined
	readonly json: boolean
}

/** Prints five suggestions for each title, as soon as each is read. */
export async function predict(options: PredictOptions, effects: Effects): Promise<void> {
	const { manifest, model } = await openRelease(effects.modelsDir, options.release)
	const engine = await loadEngine(model)
	const suggester = new Suggester(engine, manifest)
	const format = options.json ? formatJson : formatText
	const titles = options.title === undefined ? readTitles(effects.stdin) : [options.title]
	for await (const title of titles) {
		effects.out(format(title, suggester.suggest(title)))
	}
	engine.dispose()
}

function formatJson(title: string, { suggestions, unknownWords }: Suggestions): string {
	return JSON.stringify({
		title,
		known: suggestions.length > 0,
		unknownWords,
		suggestions: suggestions.map(({ subreddit, probability }) => ({ subreddit, probability })),
	})
}

function formatText(title: string, { suggestions, unknownWords }: Suggestions): string {
	if (suggestions.length === 0)
		return `${title}\n  don't know: ${title.trim() === '' ? 'the title is empty' : 'no word of it was learnt'}`
	const lines = suggestions.map(
		({ subreddit, probability }) =>
			`  ${(probability * 100).toFixed(1).padStart(5)} %  r/${subreddit}`,
	)
	if (unknownWords.length > 0) lines.push(`  doesn't know: ${unknownWords.join(', ')}`)
	return [title, ...lines].join('\n')
}

async function* readTitles(stdin: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
	for await (const lines of readLines(stdin))
		for (const line of lines) {
			if (line === null)
				throw new AppError('bad-input', 'a line of stdin is too long; give one title a line')
			yield line.replace(/\r$/, '')
		}
}
