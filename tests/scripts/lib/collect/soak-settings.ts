// What the soak and the collectors that it starts and kills have in common.
import type { CollectEffects } from '../../../../scripts/lib/collect/clock.ts'
import { collectPosts } from '../../../../scripts/lib/collect/collect-posts.ts'
import { collectSubreddits } from '../../../../scripts/lib/collect/collect-subreddits.ts'
import type { ApiOptions } from '../../../../scripts/lib/collect/reddit-api.ts'
import { processEffects } from '../../../../scripts/lib/effects.ts'
import { createFastClock, type FastClockOptions } from './fast-clock.ts'
import { CLIENT_ID, CLIENT_SECRET } from './reddit-server.ts'

export interface SoakSettings {
	readonly dataDir: string
	readonly url: string
	/** Subreddits. */
	readonly limit: number
	readonly clock: FastClockOptions
	/** Of a database elsewhere. */
	readonly env?: Readonly<Record<string, string>>
	/** Reddit sees it. */
	readonly userAgent?: string
}

// Real milliseconds: an answer takes about one, on a machine that is busy some more.
const TIMEOUT_REAL_MS = 4_000

/** Both commands, one after the other. */
export async function collectAll(settings: SoakSettings, signal: AbortSignal): Promise<void> {
	const effects = createSoakEffects(settings, signal)
	const { limit } = settings
	const api = createApiOptions(settings)
	await collectSubreddits({ api, limit, startOver: false }, effects)
	await collectPosts(
		{
			api,
			newest: 1_000,
			selection: { kind: 'top', count: limit },
			over18: false,
			startOver: false,
		},
		effects,
	)
}

export function createSoakEffects({ dataDir, clock, env = {} }: SoakSettings, signal: AbortSignal) {
	const effects: CollectEffects = {
		...processEffects({ dataDir, modelsDir: dataDir }, signal),
		env,
		err: () => {},
		terminalColumns: null,
		random: Math.random,
		...createFastClock(clock),
	}
	return effects
}

function createApiOptions({
	url,
	clock,
	userAgent = 'test:whichsub:v0 (by /u/soak)',
}: SoakSettings): ApiOptions {
	return {
		authUrl: new URL(url),
		apiUrl: new URL(url),
		credentials: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, username: 'soak' },
		userAgent,
		requestsPerMinute: 100,
		timeoutMs: TIMEOUT_REAL_MS * clock.factor,
	}
}
