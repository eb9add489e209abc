// Suggestions on the command line: what the page would show, for a title or for a stream of them. Node.
import { type Suggestion, suggest } from '../../../src/model/suggest.ts'
import type { Effects } from '../effects.ts'
import { loadEngine } from '../engine.ts'
import { openRelease } from './files.ts'

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
	const format = options.json ? formatJson : formatText
	const titles = options.title === undefined ? readLines(effects.stdin) : [options.title]
	for await (const title of titles) {
		const { known, suggestions } = suggest(engine, manifest.calibration, title)
		// Without a known word the engine gives its default answer, which says nothing about the title.
		effects.out(format(title, known ? suggestions : []))
	}
	engine.dispose()
}

function formatJson(title: string, suggestions: readonly Suggestion[]): string {
	return JSON.stringify({
		title,
		known: suggestions.length > 0,
		suggestions: suggestions.map(({ subreddit, probability }) => ({ subreddit, probability })),
	})
}

function formatText(title: string, suggestions: readonly Suggestion[]): string {
	if (suggestions.length === 0)
		return `${title}\n  don't know: ${title.trim() === '' ? 'the title is empty' : 'no word of it was learnt'}`
	const lines = suggestions.map(
		({ subreddit, probability }) =>
			`  ${(probability * 100).toFixed(1).padStart(5)} %  r/${subreddit}`,
	)
	return [title, ...lines].join('\n')
}

// Not node:readline: it parts at U+2028 too, which a title may hold.
async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
	const decoder = new TextDecoder()
	let rest = ''
	for await (const chunk of chunks) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
		rest = lines.pop() ?? ''
		for (const line of lines) yield line.replace(/\r$/, '')
	}
	rest += decoder.decode()
	if (rest !== '') yield rest.replace(/\r$/, '')
}
