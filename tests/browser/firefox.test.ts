// The main way in Firefox: a title is typed, five suggestions come, one is picked and kept; everything else runs in Chromium.
import { expect, test } from '@playwright/test'
import { findTool } from '../fixtures/tools.ts'
import { Collector } from './collector.ts'
import { FIREFOX_COMMANDS, Firefox } from './firefox.ts'
import { Site } from './site.ts'

const ENTER = '\uE007'
const DOWN = '\uE015'

const command = findTool(FIREFOX_COMMANDS, '--version')

test.describe('in Firefox', () => {
	// One browser for all.
	test.describe.configure({ mode: 'default' })
	test.skip(!command, 'there is no Firefox on PATH (Debian: firefox-esr)')

	let site: Site
	let firefox: Firefox

	test.beforeAll(async () => {
		firefox = await Firefox.start(command ?? '')
	})
	test.afterAll(() => firefox.end())
	test.beforeEach(async () => {
		site = await Site.start()
		await firefox.enter()
	})
	test.afterEach(async () => {
		await firefox.leave()
		await site.remove()
	})

	const textOf = (selector: string) =>
		firefox.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`)
	const first = () => textOf('ol[aria-label="Suggested subreddits"] li .name b')

	test('suggests while a title is typed, keeps a pick and the title, and works without a network', async () => {
		await firefox.open(site.url)
		await firefox.evaluate('document.getElementById("title").focus()')
		await firefox.type('telescope and moon')
		await expect.poll(first).toBe('r/astronomy')
		await expect.poll(() => firefox.evaluate('location.hash')).toBe('#title=telescope%20and%20moon')
		await firefox.type(ENTER)
		await expect
			.poll(() => firefox.evaluate('document.activeElement.href'))
			.toBe('https://www.reddit.com/r/astronomy/submit?title=telescope%20and%20moon')
		await firefox.type(DOWN)
		expect(await firefox.evaluate('document.activeElement.dataset.stop')).toBe('suggestion')
		await firefox.evaluate('document.querySelector("li .mark").click()')
		await expect.poll(() => textOf('li.picked .kept')).toContain('Your pick.')
		await firefox.evaluate('navigator.serviceWorker.ready.then(() => true)')
		await expect
			.poll(() => firefox.evaluate('navigator.serviceWorker.controller !== null'))
			.toBe(true)
		await site.goDown()
		await firefox.reload()
		await expect.poll(first).toBe('r/astronomy')
		await expect.poll(() => textOf('li.picked .kept')).toContain('Your pick.')
		await site.comeBack()
		expect(firefox.complaints).toEqual([])
	})

	test('sends picks to who collects them, and what waited once there is a network, without Background Sync', async () => {
		const collector = await Collector.start(site)
		await firefox.open(site.url)
		await firefox.evaluate('navigator.serviceWorker.ready.then(() => true)')
		expect(await firefox.evaluate('"sync" in ServiceWorkerRegistration.prototype')).toBe(false)
		const pick = async (title: string, subreddit: string) => {
			await firefox.evaluate(`location.hash = '#title=${title}'`)
			await expect.poll(first).toBe(`r/${subreddit}`)
			await expect
				.poll(() => firefox.evaluate('document.querySelector(".result").ariaBusy'))
				.toBe('false')
			await firefox.evaluate('document.querySelector("li .mark").click()')
			await expect.poll(() => textOf('li.picked .kept')).toContain('Your pick.')
		}
		await pick('telescope', 'astronomy')
		await pick('kitten', 'cats')
		await pick('kernel', 'linux')
		const question = 'section[aria-label="Send my picks"]'
		await expect.poll(() => textOf(question)).toContain('Nothing says who you are.')
		expect(await collector.stored()).toEqual([])
		await firefox.evaluate(`document.querySelector('${question} button').click()`)
		await expect.poll(() => collector.titles()).toEqual(['kernel', 'kitten', 'telescope'])
		// A connection that breaks before the page has heard of it would leave it in doubt.
		const says = () => textOf('main')
		await firefox.evaluate("location.hash = '#/picks'")
		await expect.poll(says).toContain('3 picks sent.')
		await site.goDown()
		await pick('bishop', 'chess')
		await firefox.evaluate("location.hash = '#/picks'")
		await expect.poll(says).toContain('3 picks sent, 1 waiting until there is a network.')
		await site.comeBack()
		await firefox.evaluate("dispatchEvent(new Event('online'))")
		await expect.poll(() => collector.titles()).toEqual(['bishop', 'kernel', 'kitten', 'telescope'])
		await expect.poll(says).toContain('4 picks sent.')
		await collector.remove()
	})

	test('shows a long title whole and never scrolls sideways on a phone', async () => {
		await firefox.resize(360, 640)
		await firefox.open(site.url)
		await firefox.evaluate('document.getElementById("title").focus()')
		await firefox.type('My telescope is broken, what shall I do about it now? '.repeat(4))
		await expect.poll(first).toBe('r/astronomy')
		const isWhole =
			'(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight)(document.getElementById("title"))'
		expect(await firefox.evaluate(isWhole)).toBe(true)
		const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
		for (const hash of ['#title=telescope', '#/many', '#/picks', '#/about', '#/releases']) {
			await firefox.evaluate(`location.hash = ${JSON.stringify(hash)}`)
			await expect
				.poll(() => firefox.evaluate('document.querySelector("main") !== null'))
				.toBe(true)
			expect(await firefox.evaluate(overflow)).toBe(0)
		}
	})

	test('answers a list of titles', async () => {
		await firefox.open(`${site.url}#/many`)
		await expect
			.poll(() => firefox.evaluate('document.querySelector("#many-titles") !== null'))
			.toBe(true)
		await firefox.evaluate('document.querySelector("#many-titles").focus()')
		await firefox.type(`telescope${ENTER}kitten`)
		await firefox.evaluate('document.querySelector("form").requestSubmit()')
		await expect.poll(() => textOf('.box li:nth-child(2) b')).toMatch(/^r\/cats \d+%$/)
		expect(firefox.complaints).toEqual([])
	})
})
