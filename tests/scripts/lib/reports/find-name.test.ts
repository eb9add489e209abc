// Which recorded comparison is of a release: bytes alone do not tell, as two releases may share a model, or a twin.
import { expect, it } from 'vitest'
import type { ArtifactRef } from '../../../../scripts/lib/pipeline/artifacts.ts'
import { findNameOf } from '../../../../scripts/lib/reports/sources.ts'

const twin: ArtifactRef = {
	kind: 'quantized',
	name: '38',
	sha256: '3'.repeat(64),
	execution: '38-d9abb0',
	files: [],
}
const release = (name: string): ArtifactRef => {
	return { kind: 'release', name, sha256: '1'.repeat(64), execution: null, files: [] }
}
const named = (version: string) => ({ ref: release(version), name: `release ${version}` })
const say = (input: ArtifactRef) =>
	['20130801.1', '20130801.2'].map((version) => findNameOf(named(version), input))

it('takes a release by its version, where two have the same model', () => {
	expect(say(release('20130801.1'))).toEqual(['release 20130801.1', undefined])
})

it('takes a twin by the release that it stood in for', () => {
	expect(say({ ...twin, twinOf: '20130801.2' })).toEqual([undefined, 'twin of release 20130801.2'])
})

it('takes nothing else', () => {
	expect(findNameOf(named('20130801.1'), twin)).toBeUndefined()
	expect(findNameOf(named('20130801.1'), undefined)).toBeUndefined()
})
