// Mounts the page; nothing else.
import { mount } from 'svelte'
import App from './page/App.svelte'
import './page/page.css'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no element with the id "app"')
mount(App, { target })
