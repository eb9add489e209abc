// SHA-256 by the browser's own implementation.

/** In lower-case hexadecimal. */
export async function sha256Hex(bytes: BufferSource): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
