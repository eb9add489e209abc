// The page's Content-Security-Policy: the build writes it into index.html, the server sends it as a header.

const DIRECTIVES = [
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"worker-src 'self'",
	"style-src 'self'",
	"img-src 'self'",
	"font-src 'self'",
	"manifest-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
]

/**
 * No inline script or style, nothing from elsewhere; 'wasm-unsafe-eval' lets the engine compile its WebAssembly.
 *
 * @param origins where releases may lie beside the page's own server
 */
export function contentSecurityPolicy(origins: readonly string[]): string {
	return [...DIRECTIVES, ["connect-src 'self'", ...origins].join(' ')].join('; ')
}
