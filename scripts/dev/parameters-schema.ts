// `npm run parameters-schema`: writes the JSON Schema of whichsub.yaml anew after the schemas of parameters changed.
import { join, resolve } from 'node:path'
import { writeFileAtomic } from '../lib/files.ts'
import { EDITOR_SCHEMA_FILE, formatEditorSchema } from '../lib/parameters/editor-schema.ts'

const ROOT = resolve(import.meta.dirname, '../..')

await writeFileAtomic(join(ROOT, EDITOR_SCHEMA_FILE), formatEditorSchema())
