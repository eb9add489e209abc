// Lets other calls have their turn. Worker.

export function wait(ms = 0): Promise<void> {
	return new Promise((go) => setTimeout(go, ms))
}
