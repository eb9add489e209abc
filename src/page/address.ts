// What the page shows, by its address: a title in the box, or a page beside it. All of it stands behind `#`: any static host
// serves it, and no server is told. Pure.

export type View =
	| { readonly kind: 'about' }
	| { readonly kind: 'privacy' }
	| { readonly kind: 'picks' }
	| { readonly kind: 'many' }
	| ModelView

/** What is published about the model. */
export type ModelView =
	| { readonly kind: 'releases'; readonly version: string | null }
	| { readonly kind: 'compare'; readonly a: string | null; readonly b: string | null }
	/** The name of a published file of figures. */
	| { readonly kind: 'drift'; readonly file: string | null }

/** Enough for a title with what a person wrote beyond Reddit's 300 characters; browsers take longer addresses. */
const MAX_TEXT = 2_000
const LONE_SURROGATE = /\p{Surrogate}/gu

/** @param hash as `location.hash` has it. @returns null for the title box, and for what no view is */
export function readView(hash: string): View | null {
	const [, kind, rest = ''] = /^#\/([a-z]+)(?:\/([a-z0-9._-]*))?$/.exec(hash) ?? []
	switch (kind) {
		case 'about':
		case 'privacy':
		case 'picks':
		case 'many':
			return rest ? null : { kind }
		case 'releases':
			return { kind, version: rest || null }
		case 'drift':
			return { kind, file: rest || null }
		case 'compare': {
			const [, a, b] = /^(\d{8}\.\d+)\.\.(\d{8}\.\d+)$/.exec(rest) ?? []
			return { kind, a: a ?? null, b: b ?? null }
		}
		default:
			return null
	}
}

/** Who only looks at another page downloads no model. */
export function needsModel(view: View | null): boolean {
	return view === null || view.kind === 'many'
}

/** The hash of a view's address. */
export function formatView(view: View): string {
	if (view.kind === 'compare')
		return view.a && view.b ? `#/compare/${view.a}..${view.b}` : '#/compare'
	const rest =
		view.kind === 'releases' ? view.version : view.kind === 'drift' ? view.file : undefined
	return rest ? `#/${view.kind}/${rest}` : `#/${view.kind}`
}

/**
 * The text for the title box that an address brings: `#title=…` as this page writes it, or `?title=…` and `?text=…` as a share
 * and other sites write them.
 *
 * @returns null where it brings none
 */
export function readTitleOf(address: URL): string | null {
	const behindHash = new URLSearchParams(address.hash.replace(/^#/, '')).get('title')
	return (
		behindHash ?? (address.searchParams.get('title') || address.searchParams.get('text') || null)
	)
}

/** The hash of the title box with this text in it. */
export function formatTitle(text: string): string {
	const whole = text.slice(0, MAX_TEXT).replace(LONE_SURROGATE, '\uFFFD')
	return whole.trim() === '' ? '#' : `#title=${encodeURIComponent(whole)}`
}

/** The address with this text behind its `#`, and with nothing of a title before it. */
export function withTitle(address: URL, text: string): string {
	const changed = new URL(address)
	for (const name of ['title', 'text', 'url']) changed.searchParams.delete(name)
	const hash = formatTitle(text)
	changed.hash = hash === '#' ? '' : hash
	return changed.href
}
