// The step `snapshot`: posts and picks of the database become training, validation and test files.
import { join } from 'node:path'
import { readChosenTitles } from '../feedback/stored-feedback.ts'
import { describeFile } from '../files.ts'
import { snapshotName } from '../pipeline/artifacts.ts'
import { declareStep } from '../pipeline/step.ts'
import { RecordedParameters, readWindows } from './recorded-parameters.ts'
import { writeSnapshot } from './snapshot.ts'
import { REPORT_FILE, SNAPSHOT_FILE } from './snapshot-schema.ts'

/** Posts and picks of the database become the files of a snapshot. */
export const snapshotStep = declareStep({
	name: 'snapshot',
	inputs: {
		posts: { kinds: ['posts'] },
		/** What people picked on the page; read where a picked title has a weight. */
		picks: { kinds: ['picks'], optional: true },
	},
	output: 'snapshot',
	section: 'snapshot',
	parameters: RecordedParameters,
	indifferent: [],
	entry: import.meta.filename,
	async work({ parameters }, effects) {
		const { feedbackWeight: weight, ...options } = parameters
		const picks = weight === 0 ? null : await readChosenTitles(effects)
		const feedback = picks?.titles.map((title) => ({ ...title, weight })) ?? []
		const made = await writeSnapshot({ ...options, ...readWindows(parameters), feedback }, effects)
		const { hash, files, counts } = made.snapshot
		const beside = await Promise.all(
			[REPORT_FILE, SNAPSHOT_FILE].map((name) => describeFile(join(made.dir, name))),
		)
		return { files, beside, name: snapshotName(hash), sha256: hash, metrics: counts, result: made }
	},
})
