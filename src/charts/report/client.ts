// Takes over a report's file in the browser: sorting, finding, pointing. The figures lie in the file.
import { hydrate } from 'svelte'
import '../look.css'
import './report.css'
import Report from './Report.svelte'

const target = document.getElementById('report')
const figures = document.getElementById('figures')?.textContent
if (!target || !figures) throw new Error('the file lacks its report or its figures')
hydrate(Report, { target, props: { data: JSON.parse(await unpack(figures)) } })

/** @param packed gzip in base64 */
function unpack(packed: string): Promise<string> {
	const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0))
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
	return new Response(stream).text()
}
