// What limits the picks of strangers beside the parameters, and the rules as help texts state them. Pure.

/** What a person picks in a while. With few training posts, a share alone would leave nothing of it. */
export const MIN_FILE_LINES = 60

/** The rules, as help texts state them. */
export const LIMITS_RULE = `Anybody can send picks, so their weight is limited. The picks of a subreddit become at most --feedback-per-post training
lines for each of its posts. The picks of one imported file, or those that one address sent on one day (serve --collect),
become at most a share of --feedback-file-share of all training posts (but ${MIN_FILE_LINES} lines are always allowed), and all
picks together at most --feedback-share. A picked title that the posts have only under other subreddits is a contradiction,
and becomes one line, whatever --feedback-weight says.

Suspicious picks are listed and left out, unless --feedback-include names the suspicion:
  share           a subreddit has half as many picks as posts, and ten times more than its share of the posts
  near-identical  five or more titles of a subreddit share four fifths of their words; one of them is kept
  burst           one file, or one address on one day, has 60 or more picks within ten minutes`
