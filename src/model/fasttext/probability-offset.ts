/** What fastText makes of a probability: it computes exp(log(p + 1e-5)), so that a sure label gets a little more than 1. */
export const PROBABILITY_OFFSET = 1e-5
