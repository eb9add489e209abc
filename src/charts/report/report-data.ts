// What a report's file shows: which view, with which figures; titles only where it stays where the posts are. Pure.

import type { DriftReport } from '../../shared/drift-report.ts'
import type { StoredEvaluationReport } from '../../shared/evaluation-report.ts'
import type { UseReport } from '../../shared/use-report.ts'
import type { ComparisonFigures } from '../comparison-figures.ts'
import type { ExampleTitles } from '../example-titles.ts'

export type ReportData = {
	/** As in `Release 20200602.0`. */
	readonly heading: string
	/** When the report was made; an instant in UTC. */
	readonly made: string
} & (
	| {
			readonly kind: 'evaluation'
			readonly name: string
			readonly report: StoredEvaluationReport
			/** Where the report is that of a twin, until when that was trained. */
			readonly twin?: { readonly trainedUntil: string }
			readonly titles?: ExampleTitles
	  }
	| {
			readonly kind: 'comparison'
			readonly figures: ComparisonFigures
			readonly titles?: ExampleTitles
	  }
	| { readonly kind: 'drift'; readonly report: DriftReport }
	| { readonly kind: 'use'; readonly report: UseReport }
)
