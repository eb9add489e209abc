// Puts a comparison or drift beside the releases, where the page shows it.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import {
	FIGURES_FOLDER,
	PublishedFigures,
	withoutTwin,
} from '../../../src/shared/published-figures.ts'
import type { Releases } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { sha256, writeFileAtomic } from '../files.ts'
import { changeReleases } from '../releases/change-releases.ts'

export type Publishable =
	| { readonly kind: 'comparison'; readonly report: ComparisonReport }
	| { readonly kind: 'drift'; readonly report: DriftReport }

/**
 * Writes the figures into the folder of releases and lists them in releases.json, in place of older ones of the same.
 *
 * @throws AppError `bad-input` where they are not about published releases
 */
export async function publishFigures(
	publishable: Publishable,
	effects: Pick<Effects, 'modelsDir' | 'now' | 'err' | 'signal'>,
): Promise<PublishedFigures> {
	const { modelsDir, now } = effects
	const text = `${JSON.stringify(publishable.report)}\n`
	const digest = sha256(Buffer.from(text))
	const subject = describeSubject(publishable)
	const names = subject.kind === 'comparison' ? [subject.a, subject.b] : [subject.release]
	const entry = parseWith(
		PublishedFigures,
		{
			...subject,
			// With its digest in its name a file never changes, and may be kept for ever.
			file: `${[publishable.kind, ...names, digest.slice(0, 8)].join('-')}.json`,
			bytes: Buffer.byteLength(text),
			sha256: digest,
			published: now().toISOString(),
		},
		'published figures',
	)
	await writeFileAtomic(join(modelsDir, FIGURES_FOLDER, entry.file), text)
	const replaced = await changeReleases(effects, async (releases) => {
		checkReleased(releases, names)
		const older = releases.figures ?? []
		const same = older.filter((one) => isSameSubject(one, entry))
		const figures = [...older.filter((one) => !same.includes(one)), entry]
		return { releases: { ...releases, figures }, result: same }
	})
	for (const { file } of replaced)
		if (file !== entry.file) await rm(join(modelsDir, FIGURES_FOLDER, file), { force: true })
	return entry
}

function describeSubject(publishable: Publishable) {
	if (publishable.kind === 'drift') {
		const { release, current } = publishable.report
		return { kind: 'drift', release, name: current.name.slice(0, 200) } as const
	}
	const { a, b } = publishable.report
	return { kind: 'comparison', a: versionOf(a.name), b: versionOf(b.name) } as const
}

function versionOf(name: string): string {
	const version = /^release (\d{8}\.\d+)$/.exec(withoutTwin(name))?.[1]
	if (version) return version
	throw new AppError(
		'bad-input',
		`${name} is no release: the page shows figures of releases only; run: release publish`,
	)
}

function checkReleased({ releases }: Releases, names: readonly string[]): void {
	const missing = names.find((name) => !releases.some(({ version }) => version === name))
	if (missing)
		throw new AppError('bad-input', `release ${missing} is not in releases.json; publish it first`)
}

function isSameSubject(one: PublishedFigures, other: PublishedFigures): boolean {
	if (one.kind === 'comparison')
		return other.kind === 'comparison' && one.a === other.a && one.b === other.b
	return other.kind === 'drift' && one.release === other.release && one.name === other.name
}
