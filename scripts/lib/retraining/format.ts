// What `retrain` prints at its end: what it made, how it compares with production, and what to do next. Pure.
import { formatShare } from '../../../src/shared/numbers.ts'
import type { Effects } from '../effects.ts'
import { describeAdmission } from '../feedback/format.ts'
import { formatCount } from '../progress.ts'
import { formatPublication } from '../releases/format.ts'
import { formatText } from '../reports/document.ts'
import { comparisonSections } from '../reports/sections.ts'
import type { Retraining, RetrainPlan } from './retrain.ts'

export function formatRetraining(
	{ manifest, executions, feedback, feedbackLeftOut, admission, comparison, risen }: Retraining,
	effects: Pick<Effects, 'modelsDir'>,
): string {
	const { titles, conflicts } = feedback
	const publishing = executions.find(({ step }) => step === 'publish') ?? null
	return [
		...(comparison
			? ['compared with production:', formatText(comparisonSections(comparison)), '']
			: []),
		formatPublication({ manifest, execution: publishing }, effects),
		`  feedback: ${formatCount(titles.length)} titles, ${formatCount(conflicts)} of them picked for different subreddits`,
		...(feedbackLeftOut > 0
			? [
					`  left out of it: ${formatCount(feedbackLeftOut)} titles of subreddits without enough posts to be a label`,
				]
			: []),
		...describeAdmission(admission).map((line) => `  ${line}`),
		`  steps: ${executions.map(({ id, step }) => `${step} #${id}`).join(', ')}`,
		...(risen.length === 0
			? [`  staging serves ${manifest.version}; production is as it was`]
			: []),
		...(comparison?.verdict === 'worse'
			? [
					'warning: the release is worse than production on these posts; find out why before you promote it',
				]
			: []),
	].join('\n')
}

/** The JSON for programs. */
export function toRetrainingJson(retraining: Retraining) {
	const { manifest, executions, feedback, feedbackLeftOut, admission, comparison, risen } =
		retraining
	return {
		version: manifest.version,
		metrics: manifest.metrics,
		executions: executions.map(({ id, step }) => ({ id, step })),
		feedback: {
			titles: feedback.titles.length,
			conflicts: feedback.conflicts,
			leftOut: feedbackLeftOut,
			contradictions: admission.contradictions,
			heldBack: admission.heldBack,
			overLimit: admission.overLimit,
		},
		comparison,
		risen,
	}
}

export function formatPlan({ like, parameters, feedback }: RetrainPlan): string {
	const different = Object.entries(parameters).map(([name, value]) => `${name} ${value}`)
	return [
		`would train with ${like === '' ? 'the defaults' : `the parameters of ${like}: ${different.join(', ') || 'the defaults'}`}`,
		`  feedback: ${formatCount(feedback.titles.length)} titles, ${formatCount(feedback.conflicts)} of them picked for different subreddits`,
		'  would publish to staging; production would stay as it is',
	].join('\n')
}

/** Why no channel serves the release, and what to do. */
export function describeRisen({ risen, manifest }: Pick<Retraining, 'risen' | 'manifest'>): string {
	const percent = (share: number) => formatShare(share, 2)
	const named = risen.map(({ label, a, b }) => `r/${label} (${percent(a)} → ${percent(b)})`)
	return `release ${manifest.version} is on no channel: its share of first suggestions rose beyond --max-share-rise for ${named.join(', ')}; look whether picks were sent to push it, and where all is well run: release promote ${manifest.version} --channel staging`
}
