// SHA-256 by the browser's own implementation.
import { AppError } from '../shared/app-error.ts'

/** In lower-case hexadecimal. @throws AppError `missing-tool` on a page that did not come over HTTPS or from this machine */
export async function sha256Hex(bytes: BufferSource): Promise<string> {
	if (!globalThis.crypto?.subtle)
		throw new AppError(
			'missing-tool',
			'the browser checks downloads on secure pages only; open this page by an https address',
		)
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
