// The subreddits that a release has not learnt: loads its index of them, and the long tail, from IndexedDB or a download. Worker.
import type { Engine } from '../model/engine.ts'
import type { Suggester } from '../model/suggest.ts'
import { ColumnIndex } from '../model/unseen/columns.ts'
import { NameFinder } from '../model/unseen/find-names.ts'
import { readUnseenIndex } from '../model/unseen/index-file.ts'
import { UnseenSearch } from '../model/unseen/search.ts'
import { TailFile } from '../model/unseen/tail-file.ts'
import type { LoadProgress, NamesRequest, TailRequest } from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import { loadBeside } from './beside-files.ts'
import type { ModelsStore } from './models-store.ts'
import type { Rest } from './rest.ts'

type OnProgress = (progress: LoadProgress) => void

/** What answers now. */
interface Loaded {
	readonly engine: Engine
	readonly suggester: Suggester
	readonly manifest: Manifest
	folder(): Promise<URL>
}

export class UnseenFiles {
	readonly #store: () => Promise<ModelsStore>
	readonly #rest: Rest
	#names: Promise<readonly string[]> | null = null
	#tail: Promise<NameFinder | null> | null = null
	#finder: NameFinder | null = null
	#mayName: (name: string) => boolean = () => true

	/** @param rest waited for before a file is opened, which takes a twentieth of a second; on a phone several */
	constructor(store: () => Promise<ModelsStore>, rest: Rest) {
		this.#store = store
		this.#rest = rest
	}

	/** As the classifier's `unseen`. */
	names(loaded: Loaded, onProgress: OnProgress): Promise<readonly string[]> {
		this.#names ??= this.#loadIndex(loaded, onProgress).catch((error: unknown) => {
			this.#names = null
			throw error
		})
		return this.#names
	}

	/** As the classifier's `tail`. */
	async tail(loaded: Loaded, request: TailRequest, onProgress: OnProgress): Promise<number | null> {
		this.#tail ??= this.#loadTail(loaded, request, onProgress)
		try {
			this.#finder = await this.#tail
		} finally {
			// What was not found, or failed, may be asked for again.
			if (!this.#finder) this.#tail = null
		}
		return this.#finder?.count ?? null
	}

	findNames({ text, count }: NamesRequest): readonly string[] {
		return this.#finder?.find(text, count).filter((name) => this.#mayName(name)) ?? []
	}

	async #loadIndex(loaded: Loaded, onProgress: OnProgress): Promise<readonly string[]> {
		const { unseen: file } = loaded.manifest
		if (!file) return []
		const wanted = { what: 'unseen', file } as const
		const bytes = await loadBeside(await this.#store(), loaded, wanted, onProgress)
		await this.#rest.begins()
		const index = new ColumnIndex(readUnseenIndex(bytes))
		// The long tail has these, too, and may have come first.
		if (!this.#finder) loaded.suggester.addUnseen(new UnseenSearch(index, loaded.engine.labels()))
		return index.names.filter((name) => loaded.suggester.mayName(name))
	}

	async #loadTail(
		loaded: Loaded,
		{ download }: TailRequest,
		onProgress: OnProgress,
	): Promise<NameFinder | null> {
		const { tail: file } = loaded.manifest
		if (!file) return null
		const store = await this.#store()
		const wanted = { what: 'tail', file } as const
		const bytes = download
			? await loadBeside(store, loaded, wanted, onProgress)
			: await store.readBeside(loaded.manifest.version, 'tail', file)
		if (!bytes) return null
		await this.#rest.begins()
		const tail = TailFile.open(bytes)
		this.#mayName = (name) => loaded.suggester.mayName(name)
		loaded.suggester.addUnseen(new UnseenSearch(tail, loaded.engine.labels()))
		return new NameFinder(tail)
	}
}
