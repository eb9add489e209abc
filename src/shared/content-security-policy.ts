// The page's Content-Security-Policy: the build writes it into index.html, the server sends it as a header.

/** No inline script or style, nothing from elsewhere; 'wasm-unsafe-eval' lets the engine compile its WebAssembly. */
export const CONTENT_SECURITY_POLICY = [
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"worker-src 'self'",
	"style-src 'self'",
	"img-src 'self'",
	"font-src 'self'",
	"manifest-src 'self'",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
].join('; ')
