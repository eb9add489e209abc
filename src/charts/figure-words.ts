// What the figures above the charts mean, in a stranger's words: each stands with its figure. Pure.

export const FIGURE_WORDS = {
	'recall@5': 'posts whose subreddit is among the five suggested',
	'recall@5 by subscribers': 'the same, where a subreddit counts by its size',
	'recall@1': 'posts whose subreddit is suggested first',
	'macro F1': 'right and not missed, 0 to 1; each subreddit counts the same',
	'mean p@1': 'how sure it is of its first suggestion, on average',
	'calibration error': 'difference between how sure it says it is and how often it is right',
	'unknown words': 'words of titles that it has never learnt',
	'stability index of p@1': 'how much its sureness has shifted; 0 is not at all',
	'Kolmogorov–Smirnov': 'the widest gap between its sureness then and now, 0 to 1',
	'posts of unknown subreddits': 'posts that it can never get right',
} as const
