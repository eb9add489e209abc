// The import rules of the house: a folder says where its code runs, and imports run one way.
const only = (folder, ...allowed) => ({
	name: `${folder.replaceAll('/', '-')}-imports-one-way`,
	comment: `${folder} may import only: itself, ${allowed.join(', ') || 'nothing of ours'}`,
	severity: 'error',
	from: { path: `^${folder}/` },
	to: {
		path: '^(src|scripts|tests)/',
		pathNot: [folder, ...allowed].map((path) => `^${path}/`),
	},
})

// The rooms of scripts/lib, lowest first: what a room may import beside itself and what lies loose in scripts/lib.
const ROOMS = {
	store: [],
	posts: [],
	statistics: [],
	'release-files': ['store'],
	suggestions: ['posts', 'release-files'],
	pipeline: [],
	/** Has steps do their work, and knows none of them. */
	graph: ['pipeline', 'store'],
	api: ['feedback', 'release-files', 'suggestions'],
	subreddits: ['posts'],
	policy: ['posts', 'subreddits'],
	collect: ['posts', 'subreddits'],
	feedback: ['posts', 'release-files', 'statistics'],
	snapshot: ['feedback', 'pipeline', 'policy', 'posts', 'subreddits'],
	evidence: ['posts'],
	trainer: ['evidence', 'pipeline', 'snapshot'],
	evaluation: ['pipeline', 'posts', 'release-files', 'snapshot', 'statistics', 'trainer'],
	comparison: ['evaluation', 'pipeline', 'posts', 'release-files', 'snapshot'],
	drift: ['evaluation', 'feedback', 'pipeline', 'posts', 'release-files', 'snapshot', 'statistics'],
	unseen: [
		...['evaluation', 'evidence', 'pipeline', 'policy', 'posts', 'snapshot', 'subreddits'],
		'trainer',
	],
	releases: [
		...['evaluation', 'pipeline', 'policy', 'posts', 'release-files', 'snapshot', 'store'],
		...['subreddits', 'trainer', 'unseen'],
	],
	/** Every step with its inputs found: above the rooms that make, and the only ones beside the graphs that ask `graph` to. */
	nodes: [
		...['comparison', 'drift', 'evaluation', 'graph', 'pipeline', 'release-files', 'releases'],
		...['snapshot', 'trainer', 'unseen'],
	],
	reports: ['evaluation', 'feedback', 'nodes', 'pipeline', 'release-files', 'releases', 'snapshot'],
	executions: [
		...['comparison', 'evaluation', 'graph', 'nodes', 'pipeline', 'release-files', 'releases'],
		'snapshot',
	],
	github: ['release-files', 'reports'],
	retraining: [
		...['evaluation', 'feedback', 'nodes', 'pipeline', 'release-files', 'releases', 'reports'],
		...['snapshot', 'trainer'],
	],
	parameters: [
		...['comparison', 'drift', 'evaluation', 'policy', 'release-files', 'retraining', 'snapshot'],
		'trainer',
	],
	run: [
		...[
			'comparison',
			'evaluation',
			'graph',
			'release-files',
			'nodes',
			'parameters',
			'pipeline',
			'posts',
		],
		...['snapshot', 'store', 'trainer'],
	],
}

const room = (name, allowed) => ({
	name: `room-${name}`,
	comment: `scripts/lib/${name} may import of the other rooms only: ${allowed.join(', ') || 'none'}`,
	severity: 'error',
	from: { path: `^scripts/lib/${name}/` },
	to: {
		path: '^scripts/lib/[^/]+/',
		pathNot: [name, ...allowed].map((path) => `^scripts/lib/${path}/`),
	},
})

module.exports = {
	forbidden: [
		{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
		{ name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
		only('src/shared'),
		only('src/model', 'src/shared'),
		only('src/charts', 'src/shared'),
		only('src/worker', 'src/model', 'src/shared'),
		only('src/page', 'src/charts', 'src/model', 'src/shared', 'src/worker'),
		{
			name: 'one-door-to-the-worker',
			comment:
				'the page reaches the worker only through src/page/classifier-client.ts; early-worker.ts knows its address',
			severity: 'error',
			from: {
				path: '^src/(page|main)',
				pathNot: '^src/page/(classifier-client|early-worker)\\.ts$',
			},
			to: { path: '^src/worker/' },
		},
		{
			name: 'the-page-starts-at-main',
			comment: 'src/main.ts mounts the page, and does nothing else',
			severity: 'error',
			from: { path: '^src/main\\.ts$' },
			to: { path: '^(src|scripts|tests)/', pathNot: '^src/(page|charts)/' },
		},
		only('scripts/lib', 'src/charts', 'src/model', 'src/shared'),
		{
			name: 'charts-are-for-reports',
			comment:
				'of the commands, only scripts/lib/reports draws; components reach it through its bundle',
			severity: 'error',
			from: { path: '^scripts/lib/', pathNot: '^scripts/lib/reports/' },
			to: { path: '^src/charts/' },
		},
		...Object.entries(ROOMS).map(([name, allowed]) => room(name, allowed)),
		{
			name: 'every-room-has-a-rule',
			comment: 'a new folder of scripts/lib goes into the table of rooms',
			severity: 'error',
			from: {
				path: '^scripts/lib/[^/]+/',
				pathNot: Object.keys(ROOMS).map((name) => `^scripts/lib/${name}/`),
			},
			to: {},
		},
		{
			name: 'loose-files-are-below-the-rooms',
			comment: 'what lies loose in scripts/lib serves every room, and knows none',
			severity: 'error',
			from: { path: '^scripts/lib/[^/]+\\.ts$' },
			to: {
				path: '^scripts/lib/[^/]+/',
			},
		},
		only('scripts/commands', 'scripts/lib', 'src/model', 'src/shared'),
		only('scripts/bench', 'scripts/dev', 'scripts/lib', 'src/model', 'src/shared'),
		only('scripts/dev', 'scripts/lib', 'src/model', 'src/shared'),
		{
			name: 'a-command-line-runs-commands',
			comment: 'scripts/cli.ts and scripts/main.ts may import only: commands, lib, model, shared',
			severity: 'error',
			from: { path: '^scripts/(cli|main)\\.ts$' },
			to: {
				path: '^(src|scripts|tests)/',
				pathNot: '^(scripts/(main\\.ts$|commands/|lib/)|src/(model|shared)/)',
			},
		},
		{
			name: 'main-is-the-top',
			comment:
				'scripts/cli.ts starts scripts/main.ts, which reads the table of commands; nothing else does',
			severity: 'error',
			from: { path: '^(src|scripts)/', pathNot: '^scripts/(cli|main)\\.ts$' },
			to: { path: '^scripts/(cli|main|commands/index)\\.ts$' },
		},
		{
			name: 'nothing-imports-tests',
			severity: 'error',
			from: { pathNot: '^tests/' },
			to: { path: '^tests/' },
		},
		{
			name: 'pure-stays-pure',
			comment: 'src/model and src/shared run in browser and Node: no built-in modules of either',
			severity: 'error',
			from: { path: '^src/(model|shared)/' },
			to: { dependencyTypes: ['core'] },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: {
			extensions: ['.ts', '.svelte', '.js'],
			// What a compiled Svelte component imports is exported under conditions only.
			exportsFields: ['exports'],
			conditionNames: ['browser', 'import', 'require', 'types', 'default'],
		},
	},
}
