// What is published beside the page: releases, their manifests and reports, comparisons, drift. Main thread.
import type * as v from 'valibot'
import { AppError } from '../../shared/app-error.ts'
import { StoredEvaluationReport } from '../../shared/evaluation-report.ts'
import { Manifest } from '../../shared/manifest.ts'
import { parseJsonWith } from '../../shared/parse.ts'
import { FIGURES_FOLDER } from '../../shared/published-figures.ts'
import { MANIFEST_FILE, RELEASES_FILE, Releases } from '../../shared/releases.ts'

export interface PublishedEvaluation {
	/** As in `release 20200602.0`. */
	readonly name: string
	readonly report: StoredEvaluationReport
	/** Where the report is that of a twin. */
	readonly twin: Manifest['twin']
}

export class Published {
	readonly #models: URL
	readonly #known = new Map<string, Promise<unknown>>()

	/** @param base the page's own address */
	constructor(base: string) {
		this.#models = new URL('models/', base)
	}

	/** @throws AppError `network`, `server`, `bad-data` */
	fetchReleases(): Promise<Releases> {
		return this.#fetch(Releases, RELEASES_FILE, 'no-cache')
	}

	/** @throws AppError `network`, `server`, `bad-data` */
	loadManifest(version: string): Promise<Manifest> {
		return this.#load(Manifest, `${version}/${MANIFEST_FILE}`)
	}

	/** @throws AppError `network`, `server`, `bad-data` */
	async loadEvaluation(version: string): Promise<PublishedEvaluation> {
		const { report: file, twin } = await this.loadManifest(version)
		const report = await this.#load(StoredEvaluationReport, `${version}/${file.file}`)
		return { name: `release ${version}`, report, twin }
	}

	/** @throws AppError `network`, `server`, `bad-data` */
	loadFigures<Schema extends v.GenericSchema>(
		schema: Schema,
		file: string,
	): Promise<v.InferOutput<Schema>> {
		return this.#load(schema, `${FIGURES_FOLDER}/${file}`)
	}

	/** These files never change; one that could not be had is asked for again. */
	#load<Schema extends v.GenericSchema>(
		schema: Schema,
		path: string,
	): Promise<v.InferOutput<Schema>> {
		const known = this.#known.get(path) as Promise<v.InferOutput<Schema>> | undefined
		if (known) return known
		const loading = this.#fetch(schema, path, 'default')
		this.#known.set(path, loading)
		loading.catch(() => this.#known.delete(path))
		return loading
	}

	async #fetch<Schema extends v.GenericSchema>(
		schema: Schema,
		path: string,
		cache: RequestCache,
	): Promise<v.InferOutput<Schema>> {
		const response = await fetch(new URL(path, this.#models), { cache }).catch((cause: unknown) => {
			throw new AppError('network', 'there is no connection to the server', cause)
		})
		if (!response.ok)
			throw new AppError('server', `the server answers with error ${response.status} (${path})`)
		return parseJsonWith(schema, await response.text(), path)
	}
}
