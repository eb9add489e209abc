// Marks on the worker's timeline.
import type { WorkerStep } from '../shared/steps.ts'

export function markStep(step: WorkerStep): void {
	performance.mark(step)
}
