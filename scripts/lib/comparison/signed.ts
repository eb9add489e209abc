// Differences as people read them. Pure.

/** As in `+0.0120` or `−0.0003`, with a real minus sign; a nought has no sign. */
export function signed(value: number): string {
	const text = Math.abs(value).toFixed(4)
	if (Number(text) === 0) return text
	return `${value < 0 ? '−' : '+'}${text}`
}
