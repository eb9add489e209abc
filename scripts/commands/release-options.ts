// The options of every command that changes releases.
import { Option } from '@commander-js/extra-typings'
import { Why } from '../../src/shared/releases.ts'
import { readAs } from '../lib/flag-values.ts'

export function whyOption(preset = '') {
	return new Option('--why <text>', 'the reason, for the history')
		.argParser(readAs(Why))
		.default(preset)
}

export function dryRunOption() {
	return new Option('--dry-run', 'only say what would change').default(false)
}

/** Where a release is put; {@link PUSH_NOTE} says more. */
export function toOption() {
	return new Option('--to <url>', 'where to put the files: s3://BUCKET/PREFIX, or a folder')
}

export function addressOption() {
	return new Option(
		'--address <url>',
		"the address at which pages read these files (default: the bucket's own)",
	)
}

export const PUSH_NOTE = `
--to takes s3://BUCKET/PREFIX or a folder that a web server publishes. Any service with S3's protocol will do; it is reached
with the variables of AWS's own tools (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL). Files that
are there already are not sent again, and an interrupted upload continues. The files are read back at --address before
releases.json names that address, whose origin must be in releases.origins of whichsub.yaml. docs/bucket.md has a recipe.`
