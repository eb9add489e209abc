// A release's report, whichever commands wrote it.
import { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'

export const Report = StoredEvaluationReport
export type Report = StoredEvaluationReport
