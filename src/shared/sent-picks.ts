// What the page sends to a server that collects picks, where a person has agreed, and what it gets back.
import * as v from 'valibot'
import { Feedback } from './feedback.ts'
import { Count } from './schema-parts.ts'

/** Picks in one request. */
export const MAX_SENT_PICKS = 50
/** 50 titles of the longest, however JSON writes them. */
export const MAX_SENT_BYTES = 512 * 1024

/** Made once in a browser, which never shows it: who has it may change and take back what was sent with it. */
const Secret = v.pipe(
	v.string(),
	v.regex(/^[A-Za-z0-9_-]{43}$/, 'expected 32 bytes in base64url'),
	v.description('32 random bytes in base64url, the same for all picks of a browser'),
)

export const SendPicks = v.strictObject({
	secret: Secret,
	picks: v.pipe(v.array(Feedback), v.minLength(1), v.maxLength(MAX_SENT_PICKS)),
})
export type SendPicks = v.InferOutput<typeof SendPicks>

export const PicksKept = v.strictObject({
	added: v.pipe(Count, v.description('New ones')),
	amended: v.pipe(Count, v.description('That replaced an older one with their id')),
	known: v.pipe(Count, v.description('That were here already')),
	refused: v.pipe(
		v.array(v.strictObject({ id: v.string(), why: v.string() })),
		v.description('That can not be: of a release that is not listed, or from before its day'),
	),
})
export type PicksKept = v.InferOutput<typeof PicksKept>

export const TakeBackPicks = v.strictObject({
	secret: Secret,
	ids: v.pipe(
		v.array(v.pipe(v.string(), v.uuid('expected a UUID'), v.toLowerCase())),
		v.minLength(1),
		v.maxLength(MAX_SENT_PICKS),
	),
})
export type TakeBackPicks = v.InferOutput<typeof TakeBackPicks>

export const PicksTakenBack = v.strictObject({
	removed: v.pipe(Count, v.description('Those that were sent with this secret')),
})

/** Of a server that collects; any other has nothing at this address. */
export const CollectsPicks = v.strictObject({ collects: v.literal(true) })
