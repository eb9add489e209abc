import { describe, expect, it } from 'vitest'
import { main } from '../../scripts/main.ts'
import { testEffects } from '../fixtures/effects.ts'

async function run(...args: string[]) {
	const effects = await testEffects()
	const code = await main(args, effects)
	return { code, out: effects.said.out.join('\n'), err: effects.said.err.join('\n') }
}

describe('main', () => {
	it('prints help on stdout and exits 0', async () => {
		const { code, out, err } = await run('--help')
		expect(code).toBe(0)
		expect(out).toContain('Usage: whichsub')
		expect(err).toBe('')
	})

	it.each([[], ['--help'], ['help'], ['-h', 'serve']])(
		'lists every command for %j',
		async (...args) => {
			const { out, err } = await run(...args)
			for (const name of ['collect', 'serve', 'github'])
				expect(out + err).toMatch(new RegExp(`^ {2}${name} `, 'm'))
		},
	)

	it('knows each command where its name is a value, too', async () => {
		const { code, err } = await run('--data', 'train', 'serve', '--dist', '/nowhere')
		expect(code).toBe(1)
		expect(err).toContain('no built page in /nowhere')
	})

	it('exits 2 with the command’s own help on a wrong option', async () => {
		const { code, err } = await run('serve', '--port', 'none')
		expect(code).toBe(2)
		expect(err).toContain("option '--port <number>' argument 'none' is invalid")
		expect(err).toContain('Usage: whichsub serve')
	})

	it.each(['2013-02-30', '2013-6-1', 'June'])('takes %s for no date', async (date) => {
		const { code, err } = await run('snapshot', '--until', date)
		expect(code).toBe(2)
		expect(err).toMatch(/Expected a (date like 2013-06-01|day that exists)\./)
	})

	it('exits 2 on an unknown command', async () => {
		const { code, err } = await run('publsh')
		expect(code).toBe(2)
		expect(err).toContain("unknown command 'publsh'")
	})

	it('exits 2 with the help when no command is given', async () => {
		const { code, err } = await run()
		expect(code).toBe(2)
		expect(err).toContain('Usage: whichsub')
	})

	it('exits 1 with one clear line on an expected failure', async () => {
		const { code, err } = await run('serve', '--dist', '/nowhere')
		expect(code).toBe(1)
		expect(err).toBe('whichsub: no built page in /nowhere; run: npm run build')
	})

	it('shows the stack of a bug and asks for a report', async () => {
		// No command makes an effect fail in this way: what it throws can only be a bug.
		const out = () => {
			throw new TypeError('not a message')
		}
		const effects = await testEffects({ out })
		const code = await main(['release', 'list'], effects)
		expect(code).toBe(1)
		expect(effects.said.err[0]).toMatch(/^TypeError: not a message\n\s+at /)
		expect(effects.said.err[1]).toMatch(/this is a bug/)
	})
})
