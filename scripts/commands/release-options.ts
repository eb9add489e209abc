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
	return new Option('--to <url>', 'where the files are put: s3://BUCKET/PREFIX, or a folder')
}

export function addressOption() {
	return new Option(
		'--address <url>',
		"where pages read what is put there (default: the bucket's own address)",
	)
}

export const PUSH_NOTE = `
--to takes s3://BUCKET/PREFIX (any service that speaks S3's protocol, with the variables of AWS's own tools: AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL) or a folder that a web server publishes. What is there already is not sent
again, and an upload that was cut short goes on. The files are read back at --address before releases.json names it; its origin
must be in releases.origins of whichsub.yaml. docs/bucket.md has a recipe.`
