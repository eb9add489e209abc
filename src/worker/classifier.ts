// The classifier: finds the release, loads its model from IndexedDB or downloads and verifies it, and makes suggestions.
// Runs in the worker.
import { Engine } from '../model/engine.ts'
import { MIN_SHOWN_PROBABILITY, Suggester } from '../model/suggest.ts'
import { readUnseenIndex } from '../model/unseen/index-file.ts'
import { UnseenSearch } from '../model/unseen/search.ts'
import { AppError, type SerializedError } from '../shared/app-error.ts'
import type {
	Answer,
	ClassifierCalls,
	DownloadPause,
	LoadedRelease,
	LoadProgress,
	LoadRequest,
	Target,
} from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import { ChannelName } from '../shared/releases.ts'
import type { ReleaseVersion } from '../shared/schema-parts.ts'
import { nameForSite } from '../shared/site-name.ts'
import { downloadModel, downloadPacked } from './download.ts'
import { isRunning, pauseAfter } from './download-pause.ts'
import { takeTurn } from './download-turn.ts'
import { loadEngineModule } from './engine-module.ts'
import type { StoredRelease } from './models-database.ts'
import { ModelsStore } from './models-store.ts'
import { chooseTarget, fetchManifest, fetchReleases } from './releases-source.ts'
import { loadKernel } from './unpacker.ts'

type OnProgress = (progress: LoadProgress) => void

interface Found {
	readonly target: Target
	readonly release: StoredRelease
	/** Whether it came from the browser's storage. */
	readonly isStored: boolean
}

/** A release that has begun to answer. */
interface Unkept {
	readonly target: Target
	readonly preview: LoadRequest['preview']
	/** Null where it is stored already. */
	readonly release: StoredRelease | null
}

interface Model {
	readonly bytes: Uint8Array<ArrayBuffer>
	readonly isStored: boolean
}

interface Loaded {
	readonly target: Target
	readonly engine: Engine
	readonly suggester: Suggester
	readonly manifest: Manifest
	readonly modelsUrl: string
}

export class Classifier {
	#opening: Promise<ModelsStore> | null = null
	#loaded: Loaded | null = null
	#unseen: Promise<readonly string[]> | null = null
	#early: EarlyLoad | null = null
	#unkept: Unkept | null = null
	/** Lets the tabs go on that wait for what this one has downloaded. */
	#endTurn = () => {}

	/** Begins the load that the page is about to ask for. */
	prepare({ modelsUrl, preview }: ClassifierCalls['prepare']['argument']): void {
		const channel = ChannelName.options.find((name) => name === preview) ?? null
		const request = {
			modelsUrl,
			preview: channel,
			prefer: 'stored',
			hurry: false,
			pause: null,
		} as const
		this.#early = new EarlyLoad((onProgress) => this.#load(request, onProgress))
	}

	/**
	 * Loads once. Another release needs another worker, because only ending a worker frees the engine's memory.
	 *
	 * @returns a pause where the release's download has failed
	 */
	load(request: LoadRequest, onProgress: OnProgress): Promise<LoadedRelease | DownloadPause> {
		const early = this.#early
		this.#early = null
		return early?.take(onProgress) ?? this.#load(request, onProgress)
	}

	async #load(
		request: LoadRequest,
		onProgress: OnProgress,
	): Promise<LoadedRelease | DownloadPause> {
		onProgress({ step: 'find' })
		// Starts now, in parallel with the download; a failure is handled where the module is awaited.
		loadEngineModule().catch(() => {})
		this.#opening ??= ModelsStore.open(request.modelsUrl)
		const stored = request.prefer === 'stored' ? await this.#findStored(request) : null
		const found = stored ?? (await this.#findNewest(request, onProgress))
		if ('until' in found) return found
		onProgress({ step: 'start' })
		const refusal = await this.#start(found, request.modelsUrl)
		if (refusal) return refusal
		const { target, release, isStored } = found
		this.#unkept = { target, preview: request.preview, release: isStored ? null : release }
		const { trouble } = await this.#store
		return { ...target, manifest: release.manifest, storageTrouble: trouble }
	}

	/** Stores what was loaded where it is not yet, and notes that it answered. @returns why it can't be kept */
	async keep(): Promise<SerializedError | null> {
		const unkept = this.#unkept
		this.#unkept = null
		const store = await this.#store
		if (unkept) {
			const { target, preview, release } = unkept
			if (release) await store.write(release)
			await store.remember(preview, target)
			await store.writePause(target.version, null)
		}
		this.#endTurn()
		return store.trouble
	}

	/** What releases.json says now; changes nothing. @throws AppError `network`, `not-found`, `bad-data` */
	async check({ modelsUrl, preview }: LoadRequest): Promise<Target> {
		const releases = await fetchReleases(modelsUrl)
		const store = await this.#store
		const target = chooseTarget(releases, preview, await store.ticket())
		// A release can change its channel without changing: a canary becomes production.
		if (target.version === this.#loaded?.target.version) {
			this.#loaded = { ...this.#loaded, target }
			await store.remember(preview, target)
		}
		return target
	}

	suggest(title: string): Answer {
		const { suggester, target } = this.#getLoaded()
		const { known, unknownWords, suggestions, unseen } = suggester.suggest(title)
		return {
			title,
			known,
			unknownWords,
			suggestions: suggestions
				.filter(({ probability }) => probability >= MIN_SHOWN_PROBABILITY)
				.map(({ subreddit, probability }) => ({ subreddit, probability })),
			unseen: unseen.map(({ subreddit }) => subreddit),
			release: target,
		}
	}

	labels(): readonly string[] {
		return this.#getLoaded().engine.labels()
	}

	/**
	 * Loads the index of unseen subreddits once: the release answers without it.
	 *
	 * @param onProgress told while it is downloaded
	 * @returns the names in it; none where the release has no index
	 * @throws AppError `network`, `server`, `web-page`, `not-found`, `damaged`; another call tries again
	 */
	unseen(onProgress: OnProgress): Promise<readonly string[]> {
		this.#unseen ??= this.#loadUnseen(onProgress).catch((error: unknown) => {
			this.#unseen = null
			throw error
		})
		return this.#unseen
	}

	async #loadUnseen(onProgress: OnProgress): Promise<readonly string[]> {
		const { manifest, modelsUrl, suggester, engine } = this.#getLoaded()
		const { version, unseen: file } = manifest
		if (!file) return []
		const store = await this.#store
		const stored = await store.readUnseen(version, file)
		const bytes = stored ?? (await downloadPacked(modelsUrl, { version, file }, onProgress))
		const search = new UnseenSearch(readUnseenIndex(bytes), engine.labels())
		if (!stored) await store.writeUnseen(version, bytes)
		suggester.addUnseen(search)
		return search.names
	}

	get #store(): Promise<ModelsStore> {
		if (!this.#opening) throw new AppError('not-found', 'no release is loaded yet')
		return this.#opening
	}

	#getLoaded(): Loaded {
		if (!this.#loaded) throw new AppError('not-found', 'no release is loaded yet')
		return this.#loaded
	}

	async #findStored({ preview }: LoadRequest): Promise<Found | null> {
		const store = await this.#store
		const target = await store.lastTarget(preview)
		const release = target && (await store.read(target.version))
		return release ? { target, release, isStored: true } : null
	}

	async #findNewest(request: LoadRequest, onProgress: OnProgress): Promise<Found | DownloadPause> {
		const { modelsUrl, preview } = request
		const store = await this.#store
		// Starts now, as the engine does.
		loadKernel().catch(() => {})
		const releases = await fetchReleases(modelsUrl)
		const target = chooseTarget(releases, preview, await store.ticket())
		const manifest = await fetchManifest(modelsUrl, releases, target.version)
		const getModel = (tell: OnProgress) => this.#getModel(request, manifest, tell)
		const turn = { name: turnName(modelsUrl, target), onProgress, isOver: () => this.#holdTurn() }
		// Without storage, a tab can't use what another tab downloads.
		const got = store.trouble ? await getModel(onProgress) : await takeTurn(turn, getModel)
		if ('until' in got) {
			this.#endTurn()
			return got
		}
		return { target, release: { manifest, bytes: got.bytes }, isStored: got.isStored }
	}

	/** Other tabs find the model when it is stored, which is later than it answers here. */
	#holdTurn(): Promise<void> {
		return new Promise((done) => {
			this.#endTurn = done
		})
	}

	/** The stored model (another tab may just have stored it), or else a download, unless one failed recently. */
	async #getModel(
		{ modelsUrl, hurry, pause }: LoadRequest,
		manifest: Manifest,
		onProgress: OnProgress,
	): Promise<Model | DownloadPause> {
		const { version } = manifest
		const store = await this.#store
		const stored = await store.readModel(manifest)
		if (stored) return { bytes: stored, isStored: true }
		const known = pause?.version === version ? pause : null
		const before = (await store.readPause(version)) ?? known
		if (before && !hurry && isRunning(before, Date.now())) return before
		try {
			return { bytes: await downloadModel(modelsUrl, manifest, onProgress), isStored: false }
		} catch (error) {
			return this.#pause(before, version, error)
		}
	}

	/** @returns a pause where the engine refuses the model: another download would bring the same bytes */
	async #start(
		{ target, release: { manifest, bytes } }: Found,
		modelsUrl: string,
	): Promise<DownloadPause | null> {
		const module = await loadEngineModule()
		try {
			const engine = Engine.load(module, bytes)
			const suggester = new Suggester(engine, manifest)
			this.#loaded = { engine, suggester, target, manifest, modelsUrl }
			return null
		} catch (error) {
			const store = await this.#store
			await store.forget(manifest.version)
			this.#endTurn()
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

/** A load that is under way before it is asked for. */
class EarlyLoad {
	readonly #outcome: Promise<LoadedRelease | DownloadPause>
	#last: LoadProgress | null = null
	#onProgress: OnProgress = () => {}

	constructor(load: (onProgress: OnProgress) => Promise<LoadedRelease | DownloadPause>) {
		this.#outcome = load((progress) => {
			this.#last = progress
			this.#onProgress(progress)
		})
		// It is handled where the load is asked for.
		this.#outcome.catch(() => {})
	}

	take(onProgress: OnProgress): Promise<LoadedRelease | DownloadPause> {
		this.#onProgress = onProgress
		if (this.#last) onProgress(this.#last)
		return this.#outcome
	}
}

/** The same in all tabs of this copy of the page. */
function turnName(modelsUrl: string, { version }: Target): string {
	return nameForSite(`whichsub-download-${version}`, new URL('..', modelsUrl).href)
}
