// The name of a worker that loads a visitor's release before the page asks it to: it says where the releases are. The browser keeps
// messages to a new worker until the page's own thread has a moment for it, which is busy with the page's script then.

const BEGIN = 'classifier of '

/** @param modelsUrl the folder of releases */
export function formatEarlyName(modelsUrl: string): string {
	return BEGIN + modelsUrl
}

/** @returns the folder of releases; null for a worker that waits to be asked */
export function readEarlyName(name: string): string | null {
	return name.startsWith(BEGIN) ? name.slice(BEGIN.length) : null
}
