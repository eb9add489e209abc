// The table of commands, in the order of the help: nothing is listed twice.
import type { CreateCommand } from '../lib/command.ts'

/** What a command needs is loaded only where it is wanted: loading all of them takes longer than most of them run. */
export const commands: Readonly<Record<string, () => Promise<CreateCommand>>> = {
	collect: async () => (await import('./collect.ts')).createCollectCommand,
	ingest: async () => (await import('./ingest.ts')).createIngestCommand,
	posts: async () => (await import('./posts.ts')).createPostsCommand,
	subreddits: async () => (await import('./subreddits.ts')).createSubredditsCommand,
	snapshot: async () => (await import('./snapshot.ts')).createSnapshotCommand,
	train: async () => (await import('./train.ts')).createTrainCommand,
	quantize: async () => (await import('./quantize.ts')).createQuantizeCommand,
	adjust: async () => (await import('./adjust.ts')).createAdjustCommand,
	evaluate: async () => (await import('./evaluate.ts')).createEvaluateCommand,
	compare: async () => (await import('./compare.ts')).createCompareCommand,
	report: async () => (await import('./report.ts')).createReportCommand,
	drift: async () => (await import('./drift.ts')).createDriftCommand,
	executions: async () => (await import('./executions.ts')).createExecutionsCommand,
	release: async () => (await import('./release.ts')).createReleaseCommand,
	predict: async () => (await import('./predict.ts')).createPredictCommand,
	feedback: async () => (await import('./feedback.ts')).createFeedbackCommand,
	retrain: async () => (await import('./retrain.ts')).createRetrainCommand,
	run: async () => (await import('./run.ts')).createRunCommand,
	serve: async () => (await import('./serve.ts')).createServeCommand,
	github: async () => (await import('./github.ts')).createGitHubCommand,
}
