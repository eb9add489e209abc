// Takes over a report's file in the browser: sorting, finding, pointing. The figures lie in the file.
import { hydrate } from 'svelte'
import '../look.css'
import './report.css'
import Report from './Report.svelte'

const target = document.getElementById('report')
const figures = document.getElementById('figures')?.textContent
if (!target || !figures) throw new Error('the file lacks its report or its figures')
hydrate(Report, { target, props: { data: JSON.parse(figures) } })
