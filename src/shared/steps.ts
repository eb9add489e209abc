// The steps of a visit in the worker, in their order: marks on its timeline, which a browser's tools, the benchmark and the tests read.

export const WORKER_STEPS = ['worker runs', 'model is there', 'model is open'] as const
export type WorkerStep = (typeof WORKER_STEPS)[number]
