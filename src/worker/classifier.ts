// The classifier: which release → IndexedDB or download → verify → engine → suggestions. Runs in the worker.
import { Engine } from '../model/engine.ts'
import { suggest } from '../model/suggest.ts'
import { AppError } from '../shared/app-error.ts'
import type {
	Answer,
	LoadedRelease,
	LoadProgress,
	LoadRequest,
	Target,
} from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import { downloadModel } from './download.ts'
import { loadEngineModule } from './engine-module.ts'
import type { StoredRelease } from './models-database.ts'
import { ModelsStore } from './models-store.ts'
import { chooseTarget, fetchManifest, fetchReleases } from './releases-source.ts'

/** What rounds to 0 % is no suggestion. */
const MIN_SHOWN = 0.005

type OnProgress = (progress: LoadProgress) => void

interface Found {
	readonly target: Target
	readonly release: StoredRelease
}

interface Loaded {
	readonly target: Target
	readonly engine: Engine
	readonly manifest: Manifest
}

export class Classifier {
	readonly #store = ModelsStore.open()
	#loaded: Loaded | null = null

	/** Loads once; a second release wants a worker of its own, because only its end gives memory back. */
	async load(request: LoadRequest, onProgress: OnProgress): Promise<LoadedRelease> {
		onProgress({ step: 'find' })
		// Starts now, beside the download; its failure is met where it is awaited.
		loadEngineModule().catch(() => {})
		const stored = request.prefer === 'stored' ? await this.#findStored(request) : null
		const found = stored ?? (await this.#findNewest(request, onProgress))
		onProgress({ step: 'start' })
		await this.#start(found)
		const store = await this.#store
		await store.remember(request.preview, found.target)
		return {
			...found.target,
			manifest: found.release.manifest,
			storageTrouble: store.trouble,
		}
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
		const { engine, manifest, target } = this.#getLoaded()
		const { known, suggestions } = suggest(engine, manifest.calibration, title)
		// What the engine says of nothing known is its default, not an answer.
		if (!known) return { title, known, suggestions: [], release: target }
		return {
			title,
			known,
			suggestions: suggestions
				.filter(({ probability }) => probability >= MIN_SHOWN)
				.map(({ subreddit, probability }) => ({ subreddit, probability })),
			release: target,
		}
	}

	labels(): readonly string[] {
		return this.#getLoaded().engine.labels()
	}

	#getLoaded(): Loaded {
		if (!this.#loaded) throw new AppError('not-found', 'no release is loaded yet')
		return this.#loaded
	}

	async #findStored({ preview }: LoadRequest): Promise<Found | null> {
		const store = await this.#store
		const target = await store.lastTarget(preview)
		const release = target && (await store.read(target.version))
		return release ? { target, release } : null
	}

	async #findNewest({ modelsUrl, preview }: LoadRequest, onProgress: OnProgress): Promise<Found> {
		const store = await this.#store
		const releases = await fetchReleases(modelsUrl)
		const target = chooseTarget(releases, preview, await store.ticket())
		const manifest = await fetchManifest(modelsUrl, releases, target.version)
		const stored = await store.readModel(manifest)
		if (stored) return { target, release: { manifest, bytes: stored } }
		const bytes = await downloadModel(modelsUrl, manifest, onProgress)
		const release = { manifest, bytes }
		await store.write(release)
		return { target, release }
	}

	async #start({ target, release: { manifest, bytes } }: Found): Promise<void> {
		const module = await loadEngineModule()
		try {
			const engine = Engine.load(module, new Uint8Array(bytes))
			this.#loaded = { engine, manifest, target }
		} catch (error) {
			await (await this.#store).forget(manifest.version)
			throw error
		}
	}
}
