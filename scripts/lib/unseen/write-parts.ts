// What the files of the index of unseen subreddits and of its long tail share: a head that names the format, and numbers.

/** The format's name, and a header as JSON behind its length. */
export function writeHead(magic: string | Uint8Array, header: object): Buffer {
	const json = Buffer.from(JSON.stringify(header))
	const length = Buffer.alloc(4)
	length.writeUInt32LE(json.length)
	return Buffer.concat([Buffer.from(magic), length, json])
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
export function pushVarint(bytes: number[], number: number): void {
	let rest = number
	for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
	bytes.push(rest)
}
