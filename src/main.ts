// Mounts the page; nothing else.
import { mount } from 'svelte'
// First, so that the components' own styles win.
import './charts/look.css'
import './page/page.css'
import App from './page/App.svelte'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no element with the id "app"')
mount(App, { target })
document.getElementById('starting')?.remove()
