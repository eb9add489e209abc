// What the page and the classifier worker say to each other: a call, its one answer, and progress in between.
import type { SerializedError } from './app-error.ts'
import type { Doubt } from './doubt.ts'
import type { Manifest } from './manifest.ts'
import type { Reading } from './reading.ts'
import type { ChannelName } from './releases.ts'
import type { ReleaseVersion } from './schema-parts.ts'

export interface LoadRequest {
	/** The folder of releases, absolute, with its last slash. */
	readonly modelsUrl: string
	/** A channel to preview; null is the visitor's own. */
	readonly preview: ChannelName | null
	/** `stored` starts from the last used model without the network where there is one; `newest` asks releases.json. */
	readonly prefer: 'stored' | 'newest'
	/** Downloads at once, also where a failed download is still waited for. */
	readonly hurry: boolean
	/** The last failed download that this page knows of: a browser without storage keeps it nowhere else. */
	readonly pause: DownloadPause | null
}

/** A release's download has failed, now or lately, here or in another tab: it is not tried again before its time. */
export interface DownloadPause {
	readonly version: ReleaseVersion
	/** How often it has failed. */
	readonly failures: number
	/** When it may be tried again, in milliseconds since 1970. */
	readonly until: number
	readonly error: SerializedError
}

/** The release that a visitor is to have now. */
export interface Target {
	readonly version: ReleaseVersion
	readonly channel: ChannelName
}

/** The release that a worker has loaded. */
export interface LoadedRelease extends Target {
	readonly manifest: Manifest
}

/** How far a load has come; each of these also tells that the worker lives. */
export type LoadProgress =
	| { readonly step: 'find' }
	| { readonly step: 'download'; readonly receivedBytes: number; readonly totalBytes: number }
	| { readonly step: 'verify' }
	| { readonly step: 'start' }

/** What a release says of a subreddit that its model has learnt. */
export interface SubredditFacts {
	/** Null where it was not known. */
	readonly members: number | null
	/** The words that speak most for it, first the one that does so most. */
	readonly words: readonly string[]
}

/** A word of a title, and how much surer of a subreddit the model is with it, in natural logarithms of odds. */
export interface WordReason {
	/** A token of the normalised title; each stands once. */
	readonly text: string
	/** Below zero it speaks against. */
	readonly adds: number
}

/** A title as the box holds it. */
export interface TypedTitle {
	readonly title: string
	readonly reading: Reading
}

export interface TailRequest {
	/** False: only where it is stored already. */
	readonly download: boolean
}

export interface NamesRequest {
	readonly text: string
	/** The most names. */
	readonly count: number
}

/** The answer to one title. */
export interface Answer {
	readonly title: string
	/** False for an empty title or one without a known word, finished or begun; there are no suggestions then. */
	readonly known: boolean
	/** Words of the title that the model has not learnt, each once, normalised; not one that may still become a known word. */
	readonly unknownWords: readonly string[]
	readonly suggestions: readonly {
		readonly subreddit: string
		/** Calibrated, in [0, 1]. */
		readonly probability: number
		/** Absent where the release has none, and before they are loaded. */
		readonly facts?: SubredditFacts
	}[]
	/** Why the suggestions are more of a guess; null where they are not, or there are none. */
	readonly doubt: Doubt | null
	/**
	 * Subreddits that the model has not learnt and that fit, best first; none before the index of them is loaded.
	 */
	readonly unseen: readonly {
		/** Without `r/`. */
		readonly subreddit: string
		/** How often a subreddit with such evidence is right, in [0, 1]; 0 where it was not measured. */
		readonly probability: number
	}[]
	/** Which release gave it: while one takes over from another, what is shown is still the older one's. */
	readonly release: Target
}

/** A subreddit that is like another one. */
export interface NearbySubreddit {
	readonly subreddit: string
	/** Absent where the release has none, and before they are loaded. */
	readonly facts?: SubredditFacts
}

/** The suggestions for many titles, small enough for a hundred thousand of them. */
export interface ManyAnswers {
	/** Each subreddit once. */
	readonly names: readonly string[]
	/** For each title how many suggestions it has. */
	readonly counts: Uint8Array
	/** Of all titles after each other: places in `names`, best first. */
	readonly places: Uint32Array
	readonly probabilities: Float32Array
}

/** Every call: what goes in, what comes back. */
export interface ClassifierCalls {
	load: { argument: LoadRequest; result: LoadedRelease | DownloadPause }
	/**
	 * Waits until the loaded release is stored, which goes on while it answers. Says why it could not be: then it is downloaded again
	 * next time. Null: it is kept.
	 */
	keep: { argument: null; result: SerializedError | null }
	check: { argument: LoadRequest; result: Target }
	suggest: { argument: TypedTitle; result: Answer }
	/** As `suggest`, for finished titles, without what was not learnt. */
	suggestMany: { argument: readonly string[]; result: ManyAnswers }
	/** What each word of an answered title adds for each of its suggestions; null where another title was asked meanwhile. */
	reasons: {
		argument: Pick<Answer, 'title'> & { readonly subreddits: readonly string[] }
		result: readonly (readonly WordReason[])[] | null
	}
	/** The learnt subreddits that are most like one, the most like first. */
	nearby: {
		argument: { readonly subreddit: string; readonly count: number }
		result: readonly NearbySubreddit[]
	}
	/** All subreddits that the release knows, in the order of the model file. */
	labels: { argument: null; result: readonly string[] }
	/** Loads what the release says of its subreddits, and says whether there is something: suggestions have it from then on. */
	facts: { argument: null; result: boolean }
	/** Loads the index of subreddits that the release has not learnt, and names them; none where it has no index. */
	unseen: { argument: null; result: readonly string[] }
	/** Loads the long tail of them, and says how many there are; null where it is not there. */
	tail: { argument: TailRequest; result: number | null }
	/** Subreddits of the long tail whose names hold a text, without `r/`. */
	findNames: { argument: NamesRequest; result: readonly string[] }
}
export type CallName = keyof ClassifierCalls

/** Page to worker. */
export type Call = {
	[Name in CallName]: {
		readonly id: number
		readonly name: Name
		readonly argument: ClassifierCalls[Name]['argument']
	}
}[CallName]

/** Worker to page. */
export type WorkerMessage =
	| {
			readonly kind: 'result'
			readonly id: number
			readonly result: ClassifierCalls[CallName]['result']
	  }
	| { readonly kind: 'error'; readonly id: number; readonly error: SerializedError }
	| { readonly kind: 'progress'; readonly id: number; readonly progress: LoadProgress }
