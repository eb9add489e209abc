import { describe, expect, it } from 'vitest'
import { PolicyParameters } from '../../../../scripts/lib/policy/parameters.ts'
import { type PolicyFacts, SuggestionPolicy } from '../../../../scripts/lib/policy/policy.ts'
import { readPolicyTerms } from '../../../../scripts/lib/policy/terms.ts'
import type { KnownSubreddit } from '../../../../scripts/lib/subreddits/known.ts'
import { parseWith } from '../../../../src/shared/parse.ts'

const terms = await readPolicyTerms()
const DAY = 86_400
const NEWEST = Date.UTC(2025, 8, 1) / 1000

function known(name: string, rest: Partial<KnownSubreddit> = {}): [string, KnownSubreddit] {
	const said = { subscribers: 5, description: null, over18: null, unavailable: null }
	return [name.toLowerCase(), { name, ...said, namedUtc: NEWEST, ...rest }]
}

function policyOf(facts: Partial<PolicyFacts>) {
	const parameters = parseWith(PolicyParameters, {}, 'policy')
	const none = { known: new Map(), newestList: null, active: new Set<string>() }
	return new SuggestionPolicy({ ...none, terms, parameters, ...facts })
}

describe('the terms of policy-terms.yaml', () => {
	it.each([
		[
			'sex',
			['gonewild', 'feet', 'nsfw_gifs', 'Hentai_SFW', 'teenagersbuthot', 'SugarBABYonlyforum'],
		],
		['gore', ['watchpeopledie', 'CombatFootage']],
		['hate', ['TheRedPill', 'okbuddyretard', 'pussypassdenied', 'Braincels']],
		['drugs', ['SilkRoad', 'DarkNetMarkets', 'cocaine', 'trees']],
		['crime', ['FashionReps', 'GunAccessoriesForSale', 'fosscad']],
		['selfharm', ['thinspo', 'SuicideMeme']],
	])('take out by name: %s', (category, names) => {
		const found = names.map((name) => [name, terms.find(name, null)?.category])
		expect(found).toEqual(
			names.map((name) => [name, name === 'pussypassdenied' ? 'sex' : category]),
		)
	})

	it.each([
		[
			'names that only hold such letters',
			'Essex cockatiel Dickens analog Sussex hitchcock arsenal',
		],
		[
			'support and health',
			'stopdrinking leaves SuicideWatch sexeducation asexuality OpiatesRecovery',
		],
		[
			'what is called so in fun',
			'EarthPorn FoodPorn AmItheAsshole softwaregore WatchPeopleDieInside',
		],
		['what adults may buy, and swear words', 'guns beer wine poker facepalm fuckcars'],
		['who people are', 'lgbt lesbian gay trans askgaybros bisexual'],
	])('leave %s', (_, names) => {
		const found = names.split(' ').map((name) => [name, terms.find(name, null)])
		expect(found.filter(([, finding]) => finding !== null)).toEqual([])
	})

	it('count in a description, unless its sentence denies it', () => {
		expect(terms.find('plain', 'Pictures for adults only.')?.in).toBe('description')
		expect(terms.find('plain', 'Be kind. No porn, no spam.')).toBeNull()
		expect(terms.find('plain', 'Help for people with a porn addiction.')).toBeNull()
	})

	it('take a hint in a name for what it is where the description says something else', () => {
		expect(terms.find('KeyboardPorn', '')?.category).toBe('sex')
		expect(terms.find('KeyboardPorn', 'Pictures of beautiful keyboards')).toBeNull()
	})
})

describe('SuggestionPolicy', () => {
	it('never lets profiles and what a list marks 18+ be suggested, whatever whichsub.yaml keeps', () => {
		const parameters = parseWith(PolicyParameters, { keep: { marked: 'x', u_me: 'x' } }, 'policy')
		const policy = policyOf({ known: new Map([known('marked', { over18: true })]), parameters })
		expect(policy.refuse('u_me')?.reason).toBe('profile')
		expect(policy.refuse('Marked')?.reason).toBe('over18')
	})

	it('takes out what the newest list does not name, unless there are posts of the last year', () => {
		const old = known('old', { namedUtc: NEWEST - 400 * DAY })
		const facts = { known: new Map([old, known('new')]), newestList: NEWEST }
		const policy = policyOf({ ...facts, active: new Set(['posted']) })
		expect(policy.refuse('old')?.reason).toBe('gone')
		expect(policy.refuse('unlisted')?.reason).toBe('gone')
		expect(policy.refuse('new')).toBeNull()
		expect(policy.refuse('Posted')).toBeNull()
		expect(policyOf({}).refuse('unlisted')).toBeNull()
	})

	it('does what whichsub.yaml says of single subreddits, with its reason', () => {
		const said = { never: { Chess: 'asked us to' }, keep: { gonewild: 'for a test' } }
		const policy = policyOf({ parameters: parseWith(PolicyParameters, said, 'policy') })
		expect(policy.refuse('chess')).toEqual({ reason: 'never', because: 'asked us to' })
		expect(policy.refuse('GoneWild')).toBeNull()
	})

	it('has a sentence for each reason', () => {
		const reasons = Object.entries(policyOf({}).reasons)
		expect(reasons.length).toBeGreaterThan(8)
		expect(reasons.filter(([, why]) => why.length < 15)).toEqual([])
	})
})
