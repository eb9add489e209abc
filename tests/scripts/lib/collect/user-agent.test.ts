import { expect, it } from 'vitest'
import { formatUserAgent } from '../../../../scripts/lib/collect/user-agent.ts'

it('names platform, app, version and the account that answers for it', () => {
	expect(formatUserAgent('0.1.0', 'somebody')).toMatch(
		/^[a-z0-9]+:whichsub:v0\.1\.0 \(by \/u\/somebody\)$/,
	)
})
