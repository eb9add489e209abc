// The views beside the title box, each with an address of its own: behind `#`, so that any static host serves it. Pure.

export type View =
	| { readonly kind: 'releases'; readonly version: string | null }
	| { readonly kind: 'compare'; readonly a: string | null; readonly b: string | null }
	/** The name of a published file of figures. */
	| { readonly kind: 'drift'; readonly file: string | null }

/** @param hash as `location.hash` has it. @returns null for the title box, and for what no view is */
export function readView(hash: string): View | null {
	const [, kind, rest = ''] = /^#\/([a-z]+)(?:\/([a-z0-9._-]*))?$/.exec(hash) ?? []
	if (kind === 'releases') return { kind, version: rest || null }
	if (kind === 'drift') return { kind, file: rest || null }
	if (kind !== 'compare') return null
	const [, a, b] = /^(\d{8}\.\d+)\.\.(\d{8}\.\d+)$/.exec(rest) ?? []
	return { kind, a: a ?? null, b: b ?? null }
}

/** The hash of a view's address. */
export function formatView(view: View): string {
	if (view.kind === 'compare')
		return view.a && view.b ? `#/compare/${view.a}..${view.b}` : '#/compare'
	const rest = view.kind === 'releases' ? view.version : view.file
	return rest ? `#/${view.kind}/${rest}` : `#/${view.kind}`
}
