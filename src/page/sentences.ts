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

/**
 * For picks that the storage refuses.
 *
 * @param waiting how many of them this page holds on to
 */
export function describePicksStorage(error: Error, waiting: number): Sentence {
	const why =
		codeOf(error) === 'storage-full'
			? 'The disk is full'
			: `This browser does not store anything for this page just now (${error.message})`
	if (waiting === 0)
		return {
			text: `${why}. Suggestions work; what you pick is kept as long as this page is open, and can be exported.`,
			remedy: 'retry',
		}
	const [what, them] =
		waiting === 1
			? ['1 pick is not stored yet', 'it']
			: [`${waiting} picks are not stored yet`, 'them']
	const advice =
		codeOf(error) === 'storage-full'
			? `Free some space and ${them === 'it' ? 'it is' : 'they are'} stored by itself`
			: 'It is tried again by itself'
	return {
		text: `${why}, so ${what}. ${advice}. Keep this page open until then, or export ${them} now.`,
		remedy: 'retry',
	}
}

function codeOf(error: Error): AppErrorCode | 'bug' {
	return error instanceof AppError ? error.code : 'bug'
}
