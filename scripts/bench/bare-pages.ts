// What no page that answers while somebody types can be faster than: a box, and one line that says the same. It is written in the
// key's own handler, or once a worker has sent it back.
import { createServer } from 'node:http'
import type { RunningServer } from '../lib/server.ts'
import { listen } from './listen.ts'

const BARE_PAGES = {
	'a bare page that writes in the key’s own handler': `
		box.addEventListener('input', () => { line.textContent = box.value })`,
	'a bare page whose worker echoes': `
		const worker = new Worker('./worker.js')
		box.addEventListener('input', () => {
			line.ariaBusy = 'true'
			worker.postMessage(box.value)
		})
		worker.onmessage = ({ data }) => {
			line.textContent = data
			line.ariaBusy = 'false'
		}`,
} as const

export type BarePage = keyof typeof BARE_PAGES
export const BARE_PAGE_NAMES = Object.keys(BARE_PAGES) as BarePage[]

/** Each at its place in the list of names. */
export async function startBarePages(): Promise<RunningServer> {
	const server = createServer((request, response) => {
		const name = BARE_PAGE_NAMES[Number(request.url?.slice(1))]
		const [type, text] = name
			? ['text/html', formatPage(BARE_PAGES[name])]
			: ['text/javascript', 'onmessage = ({ data }) => postMessage(data)']
		response.writeHead(200, { 'content-type': type }).end(text)
	})
	return listen(server)
}

/** Its line is the result of which the page's notes tell when it is there. */
function formatPage(script: string): string {
	return `<!doctype html><meta charset="utf-8"><title>bare</title>
		<style>body { max-width: 44rem; margin: auto } textarea { width: 100% }</style>
		<textarea rows="2"></textarea><p class="result" aria-busy="false"></p>
		<script>
			const [box, line] = document.querySelectorAll('textarea, p')
			${script}
		</script>`
}
