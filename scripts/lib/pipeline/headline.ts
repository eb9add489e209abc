// The most telling figure of a step's outcome, for lists and summaries. Pure.
import { formatCount } from '../progress.ts'
import type { ExecutionRecord } from './execution-schema.ts'

const HEADLINES: Partial<Record<ExecutionRecord['step'], readonly [metric: string, unit: string]>> =
	{
		snapshot: ['train', 'posts'],
		train: ['loss', 'loss'],
		quantize: ['wireBytes', 'bytes'],
		adjust: ['prior.beta', 'beta'],
		evaluate: ['recall@5', 'recall@5'],
		drift: ['psi', 'PSI'],
		unseen: ['unseen.recall@5', 'unseen recall@5'],
		publish: ['recall@5', 'recall@5'],
	}

/** Such as `0.3165 recall@5`; both for a comparison; empty if it was not measured. */
export function formatHeadline({
	step,
	metrics,
}: {
	readonly step: ExecutionRecord['step']
	readonly metrics: Readonly<Record<string, number>>
}): string {
	if (step === 'compare')
		return ['a', 'b'].map((side) => (metrics[`${side}.recall@5`] ?? 0).toFixed(4)).join(' → ')
	const [name, unit] = HEADLINES[step] ?? ['', '']
	return formatMetric(metrics, name, unit)
}

/** A figure with what it is called; empty where there is none. */
export function formatMetric(
	metrics: Readonly<Record<string, number>>,
	name: string,
	unit: string,
): string {
	const value = metrics[name]
	return value === undefined ? '' : `${formatFigure(name, value)} ${unit}`
}

/** Figures that are no counts, even where one happens to be a whole number. */
const MEASURED = /recall|F1$|P1$|^ece|^p\.|^loss$|^prior\.|^seconds$/

/** Counts with commas, others with four digits behind the point. */
export function formatFigure(name: string, value: number): string {
	return Number.isInteger(value) && !MEASURED.test(name) ? formatCount(value) : value.toFixed(4)
}
