// A Firefox of the system, driven over WebDriver BiDi (https://w3c.github.io/webdriver-bidi): it needs no driver of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'

/** Debian's name, and that of others. */
export const FIREFOX_COMMANDS = ['firefox-esr', 'firefox'] as const

const READY = /WebDriver BiDi listening on (ws:\/\/\S+)/
const START_LIMIT_MS = 120_000

interface Message {
	readonly id?: number
	readonly result?: Readonly<Record<string, unknown>>
	readonly error?: string
	readonly message?: string
	readonly method?: string
	readonly params?: { readonly level?: string; readonly text?: string }
}

export class Firefox {
	/** Errors that pages logged or threw. */
	readonly complaints: string[] = []
	readonly #process: ChildProcess
	readonly #profile: string
	readonly #socket: WebSocket
	readonly #waiting = new Map<number, (message: Message) => void>()
	#nextId = 1
	#userContext = ''
	#context = ''

	private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
		this.#process = process
		this.#profile = profile
		this.#socket = socket
		socket.on('message', (data) => this.#receive(JSON.parse(String(data)) as Message))
	}

	static async start(command: string): Promise<Firefox> {
		const profile = await mkdtemp(join(tmpdir(), 'whichsub-firefox-'))
		const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
		const process = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
		const address = await readAddress(process)
		const socket = new WebSocket(`${address}/session`)
		await new Promise((done, fail) => socket.once('open', done).once('error', fail))
		const firefox = new Firefox(process, profile, socket)
		await firefox.#begin()
		return firefox
	}

	/** Begins anew as a visitor who has never been anywhere: in a tab with storage of its own. */
	async enter(): Promise<void> {
		this.complaints.length = 0
		this.#userContext = (await this.#send('browser.createUserContext', {})).userContext as string
		const tab = { type: 'tab', userContext: this.#userContext }
		this.#context = (await this.#send('browsingContext.create', tab)).context as string
	}

	/** Closes the tab, and forgets what was stored. */
	async leave(): Promise<void> {
		await this.#send('browser.removeUserContext', { userContext: this.#userContext })
	}

	async open(url: string): Promise<void> {
		await this.#send('browsingContext.navigate', {
			context: this.#context,
			url,
			wait: 'complete',
		})
	}

	async reload(): Promise<void> {
		await this.#send('browsingContext.reload', { context: this.#context, wait: 'complete' })
	}

	async resize(width: number, height: number): Promise<void> {
		const viewport = { width, height }
		await this.#send('browsingContext.setViewport', { context: this.#context, viewport })
	}

	/** Types into what has the focus; `\uE007` is Enter, `\uE015` the arrow down. */
	async type(text: string): Promise<void> {
		const actions = [...text].flatMap((value) => [
			{ type: 'keyDown', value },
			{ type: 'keyUp', value },
		])
		await this.#send('input.performActions', {
			context: this.#context,
			actions: [{ type: 'key', id: 'keyboard', actions }],
		})
	}

	/** The value of an expression: a string, a number or a boolean. */
	async evaluate(expression: string): Promise<unknown> {
		const { result, exceptionDetails } = (await this.#send('script.evaluate', {
			expression,
			target: { context: this.#context },
			awaitPromise: true,
		})) as {
			result?: { value?: unknown }
			exceptionDetails?: { text: string }
		}
		if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`)
		return result?.value
	}

	async end(): Promise<void> {
		this.#socket.terminate()
		const ended = new Promise((done) => this.#process.once('exit', done))
		this.#process.kill()
		await ended
		await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
	}

	async #begin(): Promise<void> {
		await this.#send('session.new', { capabilities: {} })
		await this.#send('session.subscribe', { events: ['log.entryAdded'] })
	}

	async #send(method: string, params: object): Promise<Readonly<Record<string, unknown>>> {
		const id = this.#nextId
		this.#nextId += 1
		const answer = new Promise<Message>((done) => this.#waiting.set(id, done))
		this.#socket.send(JSON.stringify({ id, method, params }))
		const { error, message, result } = await answer
		if (error) throw new Error(`${method}: ${error}: ${message}`)
		return result ?? {}
	}

	#receive(message: Message): void {
		if (message.id === undefined) {
			const { level, text } = message.params ?? {}
			if (message.method === 'log.entryAdded' && level === 'error') this.complaints.push(`${text}`)
			return
		}
		this.#waiting.get(message.id)?.(message)
		this.#waiting.delete(message.id)
	}
}

/** Where it listens, which it says once it has started. */
function readAddress(process: ChildProcess): Promise<string> {
	return new Promise((done, fail) => {
		let said = ''
		const timer = setTimeout(
			() => fail(new Error(`Firefox did not start: ${said}`)),
			START_LIMIT_MS,
		)
		process.once('error', fail)
		process.stderr?.on('data', (data) => {
			said += data
			const [, address] = READY.exec(said) ?? []
			if (!address) return
			clearTimeout(timer)
			done(address)
		})
	})
}
