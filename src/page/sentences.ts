// What a person reads or hears of what happened, and what to do about it.

import { AppError, type AppErrorCode, type SerializedError } from '../shared/app-error.ts'
import type { Answer } from '../shared/classifier-protocol.ts'
import { countCovered, type Doubt } from '../shared/doubt.ts'
import type { Feedback } from '../shared/feedback.ts'
import { formatTime } from '../shared/numbers.ts'
import { shownRows } from './shown-rows.ts'

/** What a button beside the sentence can do: `hurry` is a retry before its time; null where nothing here would help. */
export type Remedy = 'retry' | 'hurry' | 'reload' | null

export interface Sentence {
	readonly text: string
	readonly remedy: Remedy
}

const OUTDATED =
	'This page was replaced by a newer version while it was open. Reload it to get that; what you typed stays.'

/**
 * For a release that could not be loaded while there is none to answer.
 *
 * @param retryAt when it is tried again by itself, in milliseconds since 1970
 */
export function describeStartFailure(error: Error, retryAt: number | null): Sentence {
	const isPaused = retryAt !== null
	const when = isPaused ? `The page tries again at ${formatTime(retryAt)}.` : 'Try again later.'
	const retry = (text: string): Sentence => ({ text, remedy: isPaused ? 'hurry' : 'retry' })
	switch (codeOf(error)) {
		case 'network':
			return retry(
				`The model could not be loaded: ${error.message}. Check your connection; once the model is here, this page works offline. ${when}`,
			)
		case 'server':
		case 'cross-origin':
			return retry(
				`The model could not be loaded: ${error.message}. The fault is the server's, not yours. ${when}`,
			)
		case 'web-page':
			return retry(
				`The model could not be loaded: ${error.message}. If this network wants you to sign in, do that; if not, the server is set up wrongly. ${when}`,
			)
		case 'damaged':
			return retry(
				`The model could not be loaded: ${error.message}. If it arrives damaged again, the server's copy is damaged. ${when}`,
			)
		case 'not-found':
			return retry(`The server does not have the model: ${error.message}. ${when}`)
		case 'bad-data':
			return retry(`The server's list of releases can't be read (${error.message}). ${when}`)
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
		case 'policy':
			return {
				text: `The model can't run here: ${error.message}. Reload the page once that is done.`,
				remedy: 'reload',
			}
		case 'outdated':
			return { text: OUTDATED, remedy: 'reload' }
		case 'damaged-page':
			return {
				text: `A part of this page can't be used (${error.message}). Reload the page to get it again.`,
				remedy: 'reload',
			}
		case 'out-of-memory':
			return {
				text: `The model could not be started: ${error.message}, then try again.${isPaused ? ` ${when}` : ''}`,
				remedy: isPaused ? 'hurry' : 'retry',
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
				`Something broke that should not (${error.message}). Reload the page if it stays. ${when}`,
			)
	}
}

/** For a look for another release that failed, while one answers: whether there is another is not known. */
export function describeCheckFailure(error: Error): Sentence {
	if (codeOf(error) === 'unsupported')
		return {
			text: 'The list of releases is for a newer version of this page. Reload to get it; until then the release that is here keeps answering.',
			remedy: 'reload',
		}
	const advice =
		codeOf(error) === 'web-page' ? 'If this network wants you to sign in, do that. ' : ''
	return {
		text: `This page could not check for a newer release: ${error.message}. ${advice}The release that is here keeps answering, and the page checks again in a few minutes.`,
		remedy: null,
	}
}

/**
 * For another release that could not be loaded while an older one answers.
 *
 * @param retryAt when it is tried again by itself, in milliseconds since 1970
 */
export function describeUpdateFailure(error: Error, retryAt: number | null): Sentence {
	if (codeOf(error) === 'unsupported')
		return {
			text: 'A newer release is out that needs a newer version of this page. Reload to get it; until then the older one answers.',
			remedy: 'reload',
		}
	if (codeOf(error) === 'outdated') return { text: OUTDATED, remedy: 'reload' }
	const when = retryAt === null ? 'in a few minutes' : `at ${formatTime(retryAt)}`
	return {
		text: `Another release is out but could not be used: ${error.message}. The one before keeps answering, and the page tries again ${when}.`,
		remedy: 'hurry',
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
export function describeModelStorage({ code, message }: SerializedError): string {
	if (code === 'storage-full')
		return 'The disk is full, so the model could not be kept: it works now, and is downloaded again on the next visit. Free some space to keep it.'
	return `This browser did not keep the model (${message}): it works now, and is downloaded again on the next visit.`
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
			? `Free some space, and the page stores ${them} by itself`
			: 'The page tries again by itself'
	return {
		text: `${why}, so ${what}. ${advice}. Keep this page open until then, or export ${them} now under My picks.`,
		remedy: 'retry',
	}
}

/** Of a pick that was made: what stands beside the subreddit or alone, and what a screen reader is told. */
export interface PickNote {
	readonly beside: string
	readonly alone: string
	readonly spoken: string
}

/** @param isToldOfPosting whether it is explained that a post is a pick */
export function describePick(
	{ pick, suggestions }: Feedback,
	kept: 'on its way' | 'stored' | 'refused',
	isToldOfPosting: boolean,
): PickNote {
	if (kept === 'on its way')
		return { beside: 'Keeping…', alone: 'Keeping…', spoken: 'Keeping your pick…' }
	if (kept === 'refused')
		return {
			beside: 'Not stored yet.',
			alone: 'Not stored yet.',
			spoken: 'Your pick is not stored yet.',
		}
	if (pick.how === 'none') {
		const alone = suggestions.length > 0 ? 'None of these is right.' : 'Nothing was suggested.'
		return { beside: alone, alone, spoken: `Kept: ${alone}` }
	}
	const spoken = `Kept: r/${pick.subreddit} is your pick.`
	const alone = `Your pick: r/${pick.subreddit}.`
	if (!isToldOfPosting) return { beside: 'Your pick.', alone, spoken }
	const why = 'Posting counts as your pick, kept in this browser.'
	return { beside: why, alone, spoken: `${spoken} ${why}` }
}

/** Why suggestions are more of a guess. */
export function describeDoubt(doubt: Doubt, suggestions: Answer['suggestions']): string {
	return doubt === 'unfamiliar'
		? 'The model can read little of this title.'
		: `Of 100 titles like this one, about ${countCovered(suggestions)} belong to one of these.`
}

/** What a screen reader is told of an answer. */
export function summarizeAnswer(answer: Answer): string {
	const [first, ...others] = shownRows(answer)
	const unknown = answer.known ? '' : 'The model knows not one word of this title.'
	const doubt = answer.doubt ? 'Not sure.' : ''
	if (!first) return unknown || 'Nothing is suggested for this title.'
	const best = `Best guess: r/${first.subreddit}${first.sure === null ? '' : `, ${first.sure}`}.`
	const more = others.length > 0 ? `${others.length} more below.` : ''
	return [unknown, doubt, best, more].filter(Boolean).join(' ')
}

function codeOf(error: Error): AppErrorCode | 'bug' {
	return error instanceof AppError ? error.code : 'bug'
}
