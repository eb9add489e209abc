// The page, `predict` and evaluation suggest the same for the same title, with the same
// probabilities: on a released model.
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { startServer } from '../../scripts/lib/server.ts'
import { MIN_SHOWN_PROBABILITY } from '../../src/model/suggest.ts'
import { listenToWorker, type WorkerAnswer } from './page-fixtures.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const MODELS = join(ROOT, 'public/models')

// None of them is from a real post.
const TITLES = [
	'My kitten fell asleep on the keyboard',
	'How do I boot Ubuntu from a USB stick?',
	'First telescope: which eyepiece for the moon &amp; Saturn?',
	'ELI5: why does bread rise',
	"What's the best opening against the Sicilian defence???",
	'[Help] gravel bike – chain drops on the small ring',
	'x-post from r/pics: tomatoes',
	'WTB: Fender amplifier, will pay shipping',
	'Dein Lieblingsrezept für Suppe? naïve café 日本語 😀',
	`${'very '.repeat(40)}long title about a galaxy`,
	'the',
	'Qwfpgjzx zxcdvbnq',
	'猫がソファで寝ている写真',
	'loooking fro a god lapttop',
	'lorem ipsum dolor sit amet',
	'!!! ???',
]

const BESIDE_THE_MODEL = /\/(unseen|tail|facts)\.gzip$/

type Answer = Omit<WorkerAnswer, 'title'>

test('the page, predict and evaluation suggest the same', async ({ page }) => {
	const server = await startServer({ distDir: join(ROOT, 'dist'), modelsDir: MODELS, port: 0 })
	try {
		const said = await listenToWorker(page)
		// What is compared needs nothing of it, and reading it takes the worker longer than all titles together.
		await page.route(BESIDE_THE_MODEL, (route) => route.abort())
		await page.goto(server.url)
		for (const title of TITLES) {
			await page.getByLabel('Title').fill(title)
			await expect.poll(() => said.some((answer) => answer.title === title), title).toBe(true)
		}
		const answers = new Map(
			said.map(({ title, known, suggestions, doubt }) => [title, { known, suggestions, doubt }]),
		)
		expect([...answers.values()].some(({ known }) => !known)).toBe(true)
		const asked = Object.fromEntries(TITLES.map((title) => [title, answers.get(title)]))
		const { predicted, evaluated } = await askNode()
		expect(roundAll(mapShown(predicted))).toEqual(roundAll(asked as Record<string, Answer>))
		// Evaluation has no use for the doubt.
		expect(predicted).toMatchObject(evaluated)
		const doubts = new Set([...answers.values()].map(({ doubt }) => doubt))
		expect(doubts).toContain('unfamiliar')
		expect(doubts).toContain(null)
	} finally {
		await server.close()
	}
})

/** What the page shows of the answers. */
function mapShown(answers: Record<string, Answer>): Record<string, Answer> {
	const shown = Object.entries(answers).map(([title, { known, suggestions, doubt }]) => {
		const above = suggestions.filter(({ probability }) => probability >= MIN_SHOWN_PROBABILITY)
		return [title, { known, suggestions: above, doubt }] as const
	})
	return Object.fromEntries(shown)
}

// ECMAScript leaves the last bits of Math.exp and Math.log to the engine: Chromium's V8 and Node's are of different years.
const DIGITS = 12

function roundAll(answers: Record<string, Answer>): Record<string, Answer> {
	const rounded = Object.entries(answers).map(([title, { known, suggestions, doubt }]) => {
		const round = (value: number) => Number(value.toPrecision(DIGITS))
		// The page's have what the release says of each subreddit, too.
		const items = suggestions.map(({ subreddit, probability }) => ({
			subreddit,
			probability: round(probability),
		}))
		return [title, { known, suggestions: items, doubt }] as const
	})
	return Object.fromEntries(rounded)
}

async function askNode(): Promise<Record<'predicted' | 'evaluated', Record<string, Answer>>> {
	const script = join(ROOT, 'tests/fixtures/suggest-in-node.ts')
	const args = ['--import', 'tsx', script, MODELS, JSON.stringify(TITLES)]
	const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT })
	return JSON.parse(stdout)
}
