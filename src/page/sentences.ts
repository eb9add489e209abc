// What a person reads when something fails: what happened, and what to do about it.
import { AppError, type AppErrorCode, type SerializedError } from '../shared/app-error.ts'

/** What a button beside the sentence can do; null where nothing here would help. */
export type Remedy = 'retry' | 'reload' | null

export interface Sentence {
	readonly text: string
	readonly remedy: Remedy
}

/** For a release that could not be loaded while there is none to answer. */
export function describeStartFailure(error: Error): Sentence {
	const retry = (text: string): Sentence => ({ text, remedy: 'retry' })
	switch (codeOf(error)) {
		case 'network':
			return retry(
				'The model could not be downloaded: there is no connection to the server. Connect and try again; once it is here, this page works offline.',
			)
		case 'damaged':
			return retry(
				`The model arrived damaged, so it was thrown away. Download it again; if that does not help, the server's copy is damaged. (${error.message})`,
			)
		case 'not-found':
			return retry(`The server does not have the model: ${error.message}. Try again later.`)
		case 'bad-data':
			return retry(
				`The server's list of releases can't be read (${error.message}). Try again later.`,
			)
		case 'unsupported':
			return {
				text: `The model needs a newer version of this page. Reload it. (${error.message})`,
				remedy: 'reload',
			}
		case 'missing-tool':
			return {
				text: `The model can't run here: ${error.message}.`,
				remedy: null,
			}
		case 'timeout':
			return retry(
				'The model took too long to start, so it was stopped. Close some other tabs, then try again.',
			)
		case 'worker-died':
			return retry(
				'The part of this page that works out the suggestions has stopped. Try again; if that does not help, close some other tabs and reload the page.',
			)
		default:
			return retry(
				`Something broke that should not (${error.message}). Try again, or reload the page.`,
			)
	}
}

/** For a newer release that could not be loaded while an older one answers. */
export function describeUpdateFailure(error: Error): Sentence {
	if (codeOf(error) === 'unsupported')
		return {
			text: 'A newer release is out that needs a newer version of this page. Reload to get it; until then the older one answers.',
			remedy: 'reload',
		}
	return {
		text: `Another release is out but could not be used, so the one before answers on (${error.message}). It will be tried again in a few minutes.`,
		remedy: null,
	}
}

/** For a title that got no answer. */
export function describeAskFailure(error: Error): Sentence {
	return {
		text: `This title got no suggestions: ${error.message}. Change it a little, or reload the page.`,
		remedy: 'reload',
	}
}

/** For a model that answers but could not be kept. */
export function describeModelStorage({ code }: SerializedError): string {
	if (code === 'storage-full')
		return 'The disk is full, so the model could not be kept: it works now, and is downloaded again on the next visit. Free some space to keep it.'
	return 'This browser keeps nothing for this page (is this a private window, or the disk full?): the model works now, and is downloaded again on the next visit.'
}

/** For a pick that could not be stored, or feedback that can't be read. */
export function describePicksStorage(error: Error): string {
	if (codeOf(error) === 'storage-full')
		return 'The disk is full, so your pick could not be stored. Free some space, then pick again. Suggestions work as before.'
	return 'Picks are not stored: this browser keeps nothing for this page (is this a private window, or the disk full?). Suggestions work; to give feedback, open this page in an ordinary window, or free some space.'
}

function codeOf(error: Error): AppErrorCode | 'bug' {
	return error instanceof AppError ? error.code : 'bug'
}
