// The classifier: finds the release, loads its model from IndexedDB or downloads and verifies it, and makes suggestions.
// Runs in the worker.
import type { Engine } from '../model/engine.ts'
import type { LabelVectors } from '../model/label-vectors.ts'
import { MIN_SHOWN_PROBABILITY, Suggester } from '../model/suggest.ts'
import { AppError, type AppErrorCode, serializeError } from '../shared/app-error.ts'
import type {
	Answer,
	ClassifierCalls,
	DownloadPause,
	LoadedRelease,
	LoadProgress,
	LoadRequest,
	ManyAnswers,
	NamesRequest,
	TailRequest,
	Target,
	TypedTitle,
} from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import { type Releases, withheldNames } from '../shared/releases.ts'
import type { ReleaseVersion } from '../shared/schema-parts.ts'
import { nameForSite } from '../shared/site-name.ts'
import { loadBeside } from './beside-files.ts'
import { downloadPacked } from './download.ts'
import { isRunning, pauseAfter } from './download-pause.ts'
import { takeTurn } from './download-turn.ts'
import { explainEngineError } from './engine-module.ts'
import { type FactsBySubreddit, readFacts } from './facts.ts'
import { markStep } from './mark-step.ts'
import type { StoredRelease } from './models-database.ts'
import { ModelsStore } from './models-store.ts'
import {
	type OpeningModel,
	openModel,
	prepareEngine,
	startScorer,
	startUnpacker,
} from './opening.ts'
import { chooseTarget, fetchManifest, fetchReleases, releaseFolder } from './releases-source.ts'
import { Rest } from './rest.ts'
import { UnseenFiles } from './unseen-files.ts'
import { wait } from './wait.ts'
import { warmUp } from './warm-up.ts'

const PAGE_FAULTS: readonly AppErrorCode[] = [
	'missing-tool',
	'policy',
	'outdated',
	'damaged-page',
	'out-of-memory',
]

/**
 * Storing a model copies it, which takes some machines a tenth of a second: the first title goes before, if it comes so soon.
 */
const KEEP_AFTER_MS = 100
/** Some browsers never end what is asked of their storage: what waits for it goes on then. Shorter than the page's patience. */
const KEEP_LIMIT_MS = 20_000

type OnProgress = (progress: LoadProgress) => void

/** What the page asks for when it is opened. */
const FIRST_LOAD = { preview: null, prefer: 'stored', hurry: false, pause: null } as const

function isFirstLoad({ preview, prefer, hurry, pause }: LoadRequest): boolean {
	return preview === null && prefer === 'stored' && !hurry && pause === null
}

interface Found {
	readonly target: Target
	readonly release: StoredRelease
}

/** A release whose model can be asked; the engine may still refuse it. */
interface Opened extends Found {
	readonly openEngine: () => Engine
	/** Null where it is stored already. */
	readonly store: Store | null
}

type Store = () => Promise<void>

/** A load that has begun before the page asked for it. */
interface Begun {
	readonly opening: Promise<Opened | DownloadPause>
	/** From now on tells of its progress. */
	listen(onProgress: OnProgress): void
}

interface Loaded {
	readonly target: Target
	readonly engine: Engine
	readonly suggester: Suggester
	readonly manifest: Manifest
	/** Where its files are, as the newest list says that this worker has read. */
	folder(): Promise<URL>
}

export class Classifier {
	#opening: Promise<ModelsStore> | null = null
	#begun: Begun | null = null
	#loaded: Loaded | null = null
	/** Once the loaded release is stored and noted, with its newest channel; false where that takes too long. */
	#keeping: Promise<boolean> = Promise.resolve(true)
	#tellAnswered = () => {}
	readonly #answered = new Promise<void>((tell) => {
		this.#tellAnswered = tell
	})
	readonly #rest = new Rest()
	readonly #unseen = new UnseenFiles(() => this.#storeOfKept(), this.#rest)
	#facts: FactsBySubreddit = new Map()
	/** Once they were fetched. */
	#releases: Releases | null = null
	/** As releases.json has them, once it was read. */
	#withheld: readonly string[] | null = null
	#vectors: Promise<LabelVectors> | null = null
	/** How many titles were asked. */
	#asked = 0

	/** Begins a visitor's first load while the page's own script is still coming. */
	begin(modelsUrl: string): void {
		let last: LoadProgress = { step: 'find' }
		let tell: OnProgress = () => {}
		const opening = this.#open({ modelsUrl, ...FIRST_LOAD }, (progress) => {
			last = progress
			tell(progress)
		})
		// Who loads is told of it.
		opening.catch(() => {})
		this.#begun = {
			opening,
			listen(onProgress) {
				tell = onProgress
				onProgress(last)
			},
		}
	}

	/**
	 * Loads once. Another release needs another worker, because only ending a worker frees the engine's memory.
	 *
	 * @returns a pause where the release's download has failed
	 */
	async load(request: LoadRequest, onProgress: OnProgress): Promise<LoadedRelease | DownloadPause> {
		onProgress({ step: 'find' })
		const opened = await (this.#takeBegun(request, onProgress) ?? this.#open(request, onProgress))
		if ('until' in opened) return opened
		onProgress({ step: 'start' })
		const refusal = await this.#start(opened, request.modelsUrl)
		if (refusal) return refusal
		this.#keeping = Promise.race([
			this.#keep(request, opened).then(() => true),
			wait(KEEP_LIMIT_MS).then(() => false),
		])
		this.#warmUp()
		return { ...opened.target, manifest: opened.release.manifest }
	}

	/** Waits until the loaded release is stored. @returns why it could not be, or null */
	async keep(): Promise<ClassifierCalls['keep']['result']> {
		const isKept = await this.#keeping
		const { trouble } = await this.#store
		if (trouble || isKept) return trouble
		return serializeError(new AppError('storage', 'storing it takes too long'))
	}

	#warmUp(): void {
		const { engine, suggester } = this.#getLoaded()
		const suggest = (title: string) => void suggester.suggest(title, 'typing')
		// A model that can't answer says so to who asks.
		warmUp(engine.table, suggest, () => this.#asked).catch(() => {})
	}

	/** Stores a release, and notes that the next visit starts with it. */
	async #keep({ preview }: LoadRequest, { target, store: storeModel }: Opened): Promise<void> {
		if (storeModel) {
			await Promise.race([this.#answered, wait(KEEP_AFTER_MS)])
			// The answer is to be sent first.
			await wait()
			await storeModel()
		}
		const store = await this.#store
		await store.remember(preview, target)
		await store.writePause(target.version, null)
	}

	/** What releases.json says now; changes nothing. @throws AppError `network`, `not-found`, `bad-data` */
	async check({ modelsUrl, preview }: LoadRequest): Promise<Target> {
		const releases = await this.#fetchReleases(modelsUrl)
		const store = await this.#store
		const target = chooseTarget(releases, preview, await store.ticket())
		// A release can change its channel without changing: a canary becomes production.
		if (target.version === this.#loaded?.target.version) {
			this.#loaded = { ...this.#loaded, target }
			// Behind the release: a visit without a network must not look for one that was never stored.
			this.#keeping = this.#keeping.then(async (isKept) => {
				if (isKept) await store.remember(preview, target)
				return isKept
			})
		}
		return target
	}

	suggest({ title, reading }: TypedTitle): Answer {
		this.#asked += 1
		this.#rest.end()
		this.#tellAnswered()
		const { suggester, target } = this.#getLoaded()
		const read = suggester.suggest(title, reading)
		// What was pasted may end in an unfinished word, too, and says nothing as it stands.
		const { known, unknownWords, suggestions, doubt, unseen } =
			read.known || reading === 'typing' ? read : suggester.suggest(title, 'typing')
		return {
			title,
			known,
			unknownWords,
			suggestions: suggestions
				.filter(isShown)
				.map(({ subreddit, probability }) => this.#describe(subreddit, probability)),
			doubt,
			unseen: unseen.map(({ subreddit, probability }) => ({ subreddit, probability })),
			release: target,
		}
	}

	suggestMany(titles: readonly string[]): ManyAnswers {
		const { suggester } = this.#getLoaded()
		const answers = titles.map((title) => suggester.suggestLearnt(title).filter(isShown))
		const all = answers.flat()
		const places = new Map<string, number>()
		for (const { subreddit } of all) if (!places.has(subreddit)) places.set(subreddit, places.size)
		return {
			names: [...places.keys()],
			counts: Uint8Array.from(answers, ({ length }) => length),
			places: Uint32Array.from(all, ({ subreddit }) => places.get(subreddit) ?? 0),
			probabilities: Float32Array.from(all, ({ probability }) => probability),
		}
	}

	/** Lets other calls through meanwhile. @returns null where a title was among them: its answer is waited for */
	async reasons({
		title,
		subreddits,
	}: ClassifierCalls['reasons']['argument']): Promise<ClassifierCalls['reasons']['result']> {
		const asked = this.#asked
		const work = this.#getLoaded().suggester.explain(title, subreddits)
		for (;;) {
			const { done, value } = work.next()
			if (done) return value
			await wait()
			if (this.#asked !== asked) return null
		}
	}

	/**
	 * Loads what the release says of its subreddits: it answers without that.
	 *
	 * @returns whether it says something
	 * @throws AppError as {@link unseen}
	 */
	async facts(onProgress: OnProgress): Promise<boolean> {
		const loaded = this.#getLoaded()
		const { facts: file } = loaded.manifest
		if (!file) return false
		const wanted = { what: 'facts', file } as const
		const bytes = await loadBeside(await this.#storeOfKept(), loaded, wanted, onProgress)
		this.#facts = readFacts(bytes, loaded.engine.labels())
		return true
	}

	/**
	 * Reads the vectors of labels when it is first asked: from the stored model, as the engine does not hand them out.
	 *
	 * @throws AppError `storage` where no model could be stored
	 */
	async nearby({
		subreddit,
		count,
	}: ClassifierCalls['nearby']['argument']): Promise<ClassifierCalls['nearby']['result']> {
		const { suggester } = this.#getLoaded()
		this.#vectors ??= this.#readVectors().catch((error: unknown) => {
			// A rejected promise is not kept: the next call tries again.
			this.#vectors = null
			throw error
		})
		const found = (await this.#vectors).nearest(subreddit, count)
		return found
			.filter(({ subreddit: name }) => suggester.mayName(name))
			.map(({ subreddit: name }) => {
				const facts = this.#facts.get(name)
				return { subreddit: name, ...(facts ? { facts } : {}) }
			})
	}

	async #readVectors(): Promise<LabelVectors> {
		const stored = await (await this.#storeOfKept()).readModel(this.#getLoaded().manifest)
		if (!stored) throw new AppError('storage', 'this browser did not keep the model')
		const { LabelVectors } = await import('../model/label-vectors.ts')
		return LabelVectors.read(stored)
	}

	#describe(subreddit: string, probability: number): Answer['suggestions'][number] {
		const facts = this.#facts.get(subreddit)
		return { subreddit, probability, ...(facts ? { facts } : {}) }
	}

	labels(): readonly string[] {
		const { engine, suggester } = this.#getLoaded()
		return engine.labels().filter((label) => suggester.mayName(label))
	}

	/**
	 * Loads the index of unseen subreddits once: the release answers without it.
	 *
	 * @param onProgress told while it is downloaded
	 * @returns the names in it; none where the release has no index
	 * @throws AppError `network`, `server`, `web-page`, `not-found`, `damaged`; another call tries again
	 */
	unseen(onProgress: OnProgress): Promise<readonly string[]> {
		return this.#unseen.names(this.#getLoaded(), onProgress)
	}

	/**
	 * Loads the long tail of unseen subreddits once; from then on all of them are searched.
	 *
	 * @returns how many there are; null where it is not stored and not to be downloaded, or the release has none
	 * @throws AppError as {@link unseen}
	 */
	tail(request: TailRequest, onProgress: OnProgress): Promise<number | null> {
		return this.#unseen.tail(this.#getLoaded(), request, onProgress)
	}

	/** Subreddits of the long tail by a part of their name; none before it is loaded. */
	findNames(request: NamesRequest): readonly string[] {
		return this.#unseen.findNames(request)
	}

	get #store(): Promise<ModelsStore> {
		if (!this.#opening) throw new AppError('not-found', 'no release is loaded yet')
		return this.#opening
	}

	/** Once the loaded release is in it: what lies beside a model is stored only where that is. */
	async #storeOfKept(): Promise<ModelsStore> {
		await this.#keeping
		return this.#store
	}

	#getLoaded(): Loaded {
		if (!this.#loaded) throw new AppError('not-found', 'no release is loaded yet')
		return this.#loaded
	}

	async #fetchReleases(modelsUrl: string): Promise<Releases> {
		const releases = await fetchReleases(modelsUrl)
		this.#releases = releases
		this.#withheld = withheldNames(releases)
		this.#loaded?.suggester.withhold(this.#withheld)
		// For a visit without a network: nothing waits for it.
		void (await this.#store).writeWithheld(this.#withheld)
		return releases
	}

	#takeBegun(request: LoadRequest, onProgress: OnProgress): Begun['opening'] | null {
		const begun = isFirstLoad(request) ? this.#begun : null
		this.#begun = null
		begun?.listen(onProgress)
		return begun?.opening ?? null
	}

	async #open(request: LoadRequest, onProgress: OnProgress): Promise<Opened | DownloadPause> {
		// Before megabytes are downloaded in vain.
		startScorer()
		this.#opening ??= ModelsStore.open(request.modelsUrl)
		const stored = request.prefer === 'stored' ? await this.#openStored(request.preview) : null
		return stored ?? this.#openNewest(request, onProgress)
	}

	async #openStored(preview: LoadRequest['preview']): Promise<Opened | null> {
		const store = await this.#store
		const target = await store.lastTarget(preview)
		const read = target && (await store.read(target.version, prepareEngine))
		if (!read) return null
		return { target, release: read.release, openEngine: await read.opening, store: null }
	}

	async #openNewest(request: LoadRequest, onProgress: OnProgress): Promise<Opened | DownloadPause> {
		const { modelsUrl, preview } = request
		const store = await this.#store
		startUnpacker()
		const [releases, ticket] = await Promise.all([this.#fetchReleases(modelsUrl), store.ticket()])
		const target = chooseTarget(releases, preview, ticket)
		const manifest = await fetchManifest(modelsUrl, releases, target.version)
		const folder = releaseFolder(modelsUrl, releases, target.version)
		const getModel = (tell: OnProgress) => this.#getModel(request, { manifest, folder }, tell)
		// Without storage, a tab can't use what another tab downloads.
		const model = store.trouble
			? await getModel(onProgress)
			: await takeModel(turnName(modelsUrl, target), onProgress, getModel)
		if ('until' in model) return model
		const { bytes, opening, store: storeModel } = model
		const openEngine = await opening.catch(async (error: unknown) => {
			// No fault of the model: it need not be downloaded again.
			await storeModel?.()
			throw error
		})
		return { target, release: { manifest, bytes }, openEngine, store: storeModel }
	}

	/** The stored model (another tab may just have stored it), or else a download, unless one failed recently. */
	async #getModel(
		{ hurry, pause }: LoadRequest,
		{ manifest, folder }: { readonly manifest: Manifest; readonly folder: URL },
		onProgress: OnProgress,
	): Promise<GotModel | DownloadPause> {
		const { version } = manifest
		const store = await this.#store
		const stored = await store.readModel(manifest)
		if (stored) return { ...openModel(stored), store: null }
		const known = pause?.version === version ? pause : null
		const before = (await store.readPause(version)) ?? known
		if (before && !hurry && isRunning(before, Date.now())) return before
		try {
			let model: OpeningModel | undefined
			const preparing = prepareEngine(manifest.model.decodedBytes)
			// Who opens the model is told of it.
			preparing.catch(() => {})
			// Opened while it is verified; what is not whole goes no further.
			const bytes = await downloadPacked(folder, manifest.model, onProgress, (unpacked) => {
				if (unpacked.length === manifest.model.decodedBytes) model = openModel(unpacked, preparing)
			})
			markStep('model is there')
			return { ...(model ?? openModel(bytes)), store: () => store.write({ manifest, bytes }) }
		} catch (error) {
			// What was downloaded is lost where there is no memory for it: that waits, too.
			if (isOfThePage(error) && (error as AppError).code !== 'out-of-memory') throw error
			return this.#pause(before, version, error)
		}
	}

	/** @returns a pause where the engine refuses the model: another download would bring the same bytes */
	async #start(
		{ target, release: { manifest }, openEngine, store: storeModel }: Opened,
		modelsUrl: string,
	): Promise<DownloadPause | null> {
		try {
			const engine = openEngine()
			const suggester = new Suggester(engine, manifest)
			markStep('model is open')
			suggester.withhold(this.#withheld ?? (await (await this.#store).readWithheld()))
			const folder = async () =>
				releaseFolder(
					modelsUrl,
					this.#releases ?? (await this.#fetchReleases(modelsUrl)),
					manifest.version,
				)
			this.#loaded = { engine, suggester, target, manifest, folder }
			return null
		} catch (thrown) {
			const error = explainEngineError(thrown)
			if (isOfThePage(error)) {
				// No fault of the model: it need not be downloaded again.
				await storeModel?.()
				throw error
			}
			const store = await this.#store
			await store.forget(manifest.version)
			return this.#pause(await store.readPause(manifest.version), manifest.version, error)
		}
	}

	async #pause(
		before: DownloadPause | null,
		version: ReleaseVersion,
		error: unknown,
	): Promise<DownloadPause> {
		const pause = pauseAfter(before, version, error, Date.now())
		await (await this.#store).writePause(version, pause)
		return pause
	}
}

interface GotModel extends OpeningModel {
	/** Null where it is stored already. */
	readonly store: Store | null
}

/** A model by this tab, or by another one. The turn ends when it is stored: the next tab finds it there. */
function takeModel(
	name: string,
	onProgress: OnProgress,
	getModel: (tell: OnProgress) => Promise<GotModel | DownloadPause>,
): Promise<GotModel | DownloadPause> {
	return new Promise((give, fail) => {
		const turn = takeTurn(name, onProgress, async (tell) => {
			const model = await getModel(tell)
			if ('until' in model || !model.store) return give(model)
			const { store } = model
			await new Promise<void>((end) => give({ ...model, store: () => store().finally(end) }))
		})
		turn.catch(fail)
	})
}

function isShown({ probability }: { readonly probability: number }): boolean {
	return probability >= MIN_SHOWN_PROBABILITY
}

/** No fault of the release: it may be loaded again as soon as that is mended. */
function isOfThePage(error: unknown): boolean {
	return error instanceof AppError && PAGE_FAULTS.includes(error.code)
}

/** The same in all tabs of this copy of the page. */
function turnName(modelsUrl: string, { version }: Target): string {
	return nameForSite(`whichsub-download-${version}`, new URL('..', modelsUrl).href)
}
