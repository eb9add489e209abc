// Hands a text to the browser's downloads. Main thread.

export interface OfferedFile {
	readonly name: string
	readonly type: string
	readonly text: string
}

export function offerFile({ name, type, text }: OfferedFile): void {
	const url = URL.createObjectURL(new Blob([text], { type }))
	const link = document.createElement('a')
	link.href = url
	link.download = name
	link.click()
	// A download that has begun keeps its bytes; some browsers begin a little later.
	setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
