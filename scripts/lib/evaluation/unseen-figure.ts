// unseen.recall@5 of a candidate: measured by a step of its own, because it takes another training.

/**
 * The draw by which models are measured: so many labels, drawn with this seed, are left out of a training. No weight of the search
 * was chosen on it (docs/unseen.md). Other draws are other figures.
 */
export const UNSEEN_DRAW = { leaveOut: 1_000, seed: 20_261_129 } as const

export const UNSEEN_METRIC = 'unseen.recall@5'

export const UNSEEN_RULE = `unseen.recall@5 says how well subreddits are found that the model never saw. It takes another training, so evaluate
reports it where subreddits index --measure was run before for the same training, with the same list and code: of
${UNSEEN_DRAW.leaveOut} subreddits of the list, drawn with seed ${UNSEEN_DRAW.seed} and left out of a training of the same recipe, the share of
test posts whose subreddit is among the five that the index ranks first.`
