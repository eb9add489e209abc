// The options of every command that changes releases.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'

// As long as releases.json admits.
const MAX_WHY_LENGTH = 500

export function whyOption(preset = '') {
	return new Option('--why <text>', 'the reason, for the history')
		.argParser((text) => {
			if (text.length <= MAX_WHY_LENGTH) return text
			throw new InvalidArgumentError(`Expected at most ${MAX_WHY_LENGTH} characters.`)
		})
		.default(preset)
}

export function dryRunOption() {
	return new Option('--dry-run', 'only say what would change').default(false)
}
