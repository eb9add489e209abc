// Numbers and front-coded texts in the bytes of a file, read where they lie. Every read is checked: bytes are not trusted. Pure.
import { AppError } from '../../shared/app-error.ts'

// Browser and Node both have it; this folder is checked with the types of neither.
declare class TextDecoder {
	constructor(encoding: 'utf-8', options: { readonly fatal: boolean })
	decode(bytes: Uint8Array): string
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** A part of a file, and a place in it that moves on with each read. */
export class ByteView {
	at = 0
	readonly bytes: Uint8Array
	readonly #what: string

	/** @param what of the file, for errors: "the names" */
	constructor(bytes: Uint8Array, what: string) {
		this.bytes = bytes
		this.#what = what
	}

	fail(why: string): never {
		throw new AppError(
			'damaged',
			`the index of subreddits is damaged: ${this.#what}, at byte ${this.at}: ${why}`,
		)
	}

	/** The same bytes from another place. */
	moveTo(place: number): this {
		if (place > this.bytes.length) this.fail(`place ${place} of ${this.bytes.length} bytes`)
		this.at = place
		return this
	}

	byte(): number {
		const byte = this.bytes[this.at] ?? this.fail('a byte is missing')
		this.at += 1
		return byte
	}

	/** A LEB128 number. */
	varint(): number {
		let value = 0
		for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
			const byte = this.byte()
			value += (byte & 127) * scale
			if (byte < 128) return value
		}
		return this.fail('a number has too many bytes')
	}

	/** A view of the memory, not a copy. */
	slice(length: number): Uint8Array {
		const left = this.bytes.length - this.at
		if (length > left) this.fail(`${length} bytes are needed, and ${left} are left`)
		this.at += length
		return this.bytes.subarray(this.at - length, this.at)
	}

	text(length: number): string {
		return decodeText(this.slice(length)) ?? this.fail('text that is not UTF-8')
	}
}

/** Null where the bytes are no UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
	try {
		return UTF8.decode(bytes)
	} catch {
		return null
	}
}
