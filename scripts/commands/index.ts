// The table of commands, in the order of the help: nothing is listed twice.
import type { CreateCommand } from '../lib/command.ts'
import { createCollectCommand } from './collect.ts'
import { createCompareCommand } from './compare.ts'
import { createDriftCommand } from './drift.ts'
import { createEvaluateCommand } from './evaluate.ts'
import { createExecutionsCommand } from './executions.ts'
import { createFeedbackCommand } from './feedback.ts'
import { createGitHubCommand } from './github.ts'
import { createIngestCommand } from './ingest.ts'
import { createPostsCommand } from './posts.ts'
import { createPredictCommand } from './predict.ts'
import { createQuantizeCommand } from './quantize.ts'
import { createReleaseCommand } from './release.ts'
import { createReportCommand } from './report.ts'
import { createRetrainCommand } from './retrain.ts'
import { createRunCommand } from './run.ts'
import { createServeCommand } from './serve.ts'
import { createSnapshotCommand } from './snapshot.ts'
import { createSubredditsCommand } from './subreddits.ts'
import { createTrainCommand } from './train.ts'

export const commands: readonly CreateCommand[] = [
	createCollectCommand,
	createIngestCommand,
	createPostsCommand,
	createSubredditsCommand,
	createSnapshotCommand,
	createTrainCommand,
	createQuantizeCommand,
	createEvaluateCommand,
	createCompareCommand,
	createReportCommand,
	createDriftCommand,
	createExecutionsCommand,
	createReleaseCommand,
	createPredictCommand,
	createFeedbackCommand,
	createRetrainCommand,
	createRunCommand,
	createServeCommand,
	createGitHubCommand,
]
