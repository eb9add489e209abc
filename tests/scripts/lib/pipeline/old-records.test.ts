// Records as the steps of the first releases wrote them.
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { outputRef } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { ReadableRecord } from '../../../../scripts/lib/pipeline/old-records.ts'
import { TrainingRecipe } from '../../../../scripts/lib/pipeline/recipes.ts'

const digest = (digit: string) => digit.repeat(64)
const file = (name: string, digit: string) => ({ name, bytes: 1, sha256: digest(digit) })
const SNAPSHOT = digest('5')

const old = (own: object) => ({
	schema: 1,
	id: 7,
	parameters: {},
	parents: [],
	inputs: [],
	outputs: [],
	code: { commit: 'unknown', dirty: true },
	metrics: {},
	start: '2026-11-23T10:00:00.000Z',
	end: '2026-11-23T10:01:00.000Z',
	machine: { platform: 'linux', arch: 'x64', cpus: 2, memoryBytes: 1, node: 'v20' },
	...own,
})
const read = (own: object) => v.parse(ReadableRecord, old(own))

const TRAINING = {
	...{ loss: 'softmax', dim: 100, epochs: 3, learningRate: 1, wordNgrams: 2, bucket: 0 },
	...{ minCount: 3, negatives: 32, threads: 2, seed: 0, engine: 'wasm' },
}

describe('a record of schema 1', () => {
	it('of a snapshot names it by its hash', () => {
		const outputs = [file('snapshot', '5'), file('train.txt', 'a'), file('test.txt', 'b')]
		const record = read({ step: 'snapshot', outputs })
		expect(record).toMatchObject({
			schema: 2,
			uid: null,
			ending: { how: 'done' },
			output: { kind: 'snapshot', name: '555555555555', sha256: SNAPSHOT },
			outputs: outputs.slice(1),
		})
	})

	it('of a training has its snapshot as an input, and a whole recipe', () => {
		const record = read({
			step: 'train',
			parameters: { ...TRAINING, snapshot: SNAPSHOT },
			parents: [6],
			inputs: [file('train.txt', 'a')],
			outputs: [file('model.bin', 'c')],
		})
		expect(record.inputs).toEqual({
			snapshot: {
				kind: 'snapshot',
				name: '555555555555',
				sha256: SNAPSHOT,
				execution: '6',
				files: [file('train.txt', 'a')],
			},
		})
		expect(v.parse(TrainingRecipe, record.parameters)).toEqual({
			...TRAINING,
			dilution: 0,
			pieces: 0,
		})
		expect(record.output).toEqual({ kind: 'model', name: '#7', sha256: digest('c') })
	})

	it('of a training that went on from a model has that as an input', () => {
		const record = read({
			step: 'train',
			parameters: { ...TRAINING, snapshot: SNAPSHOT, init: '#3' },
			parents: [6, 3],
			inputs: [file('train.txt', 'a'), file('model.bin', 'd')],
			outputs: [file('model.bin', 'c')],
		})
		expect(record.parameters).not.toHaveProperty('init')
		expect(record.inputs.snapshot?.execution).toBe('6')
		expect(record.inputs.init).toMatchObject({ kind: 'model', sha256: digest('d'), execution: '3' })
	})

	it('of a quantizing is of the model and the snapshot', () => {
		const record = read({
			step: 'quantize',
			parameters: { cutoff: 0, retrain: true, threads: 2, engine: 'wasm', snapshot: SNAPSHOT },
			parents: [6],
			inputs: [file('model.bin', 'c'), file('train.txt', 'a')],
			outputs: [file('model.ftz', 'e')],
		})
		expect(record.parameters).toEqual({ cutoff: 0, retrain: true, threads: 2 })
		expect(record.inputs).toMatchObject({
			model: { kind: 'model', sha256: digest('c'), execution: '6' },
			snapshot: { sha256: SNAPSHOT },
		})
		expect(record.output?.kind).toBe('quantized')
	})

	it('of an evaluation names model and posts', () => {
		const own = read({
			step: 'evaluate',
			parameters: { snapshot: SNAPSHOT },
			parents: [6],
			inputs: [file('model.ftz', 'e')],
			outputs: [file('report.json', 'f'), file('calibration.json', '1')],
		})
		expect(own.inputs).toMatchObject({
			model: { kind: 'quantized', name: '#6', sha256: digest('e'), execution: '6' },
			posts: { kind: 'snapshot', sha256: SNAPSHOT },
		})
		const ofRelease = read({
			step: 'evaluate',
			parameters: { model: 'release 20261123.0', posts: 'RS_2013-07.zst' },
			inputs: [file('release 20261123.0', 'e'), file('RS_2013-07.zst', '2')],
			outputs: [file('report.json', 'f')],
		})
		expect(ofRelease.inputs).toMatchObject({
			model: { kind: 'release', name: '20261123.0' },
			posts: { kind: 'dumps', name: 'RS_2013-07.zst', sha256: digest('2') },
		})
	})

	it('of a comparison and of a publish keep what went in', () => {
		const compared = read({
			step: 'compare',
			parameters: { a: 'release 20261123.0', b: 'execution #6', posts: 'x.zst', minPosts: 20 },
			parents: [6],
			inputs: [file('release 20261123.0', 'e'), file('execution #6', '3'), file('x.zst', '2')],
			outputs: [file('comparison.json', '4')],
		})
		expect(compared.parameters).toEqual({ minPosts: 20 })
		expect(compared.inputs).toMatchObject({
			a: { kind: 'release', sha256: digest('e') },
			b: { name: '#6', sha256: digest('3'), execution: '6' },
			posts: { sha256: digest('2') },
		})
		const published = read({
			step: 'publish',
			parameters: { why: 'a test' },
			parents: [8],
			inputs: [file('model.ftz', 'e'), file('report.json', 'f')],
			outputs: [file('20261123.0/manifest.json', '9')],
		})
		expect(published.output).toMatchObject({ kind: 'release', name: '20261123.0' })
		expect(published.inputs.evaluation?.execution).toBe('8')
	})

	it('gives the next step what it reads', () => {
		const record = read({
			step: 'quantize',
			parameters: { snapshot: SNAPSHOT },
			outputs: [file('model.ftz', 'e')],
		})
		if (!record.output) throw new Error('no output')
		const { output } = record
		expect(outputRef({ ...record, output, folder: '7' })).toEqual({
			kind: 'quantized',
			name: '#7',
			sha256: digest('e'),
			execution: '7',
			files: [file('model.ftz', 'e')],
		})
	})
})
