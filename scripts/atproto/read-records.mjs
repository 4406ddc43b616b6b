// What the reference client makes of the records of collections: one line of JSON for each, its value
// parsed by @atproto/api and written again.
//
//   node read-records.mjs SERVICE REPOSITORY COLLECTION... [--lexicons FOLDER]
//
// With a folder of lexicon files (*.json, at any depth) each record is also validated by
// @atproto/lexicon: the line of one that fails has a "problem", and the exit code is 1.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { AtpAgent, lexToJson } from '@atproto/api'
import { Lexicons } from '@atproto/lexicon'

const PAGE = 100 // the most that listRecords gives

async function* records(service, repo, collection) {
  const agent = new AtpAgent({ service })
  let cursor
  do {
    const asked = { repo, collection, limit: PAGE, cursor }
    const { data } = await agent.com.atproto.repo.listRecords(asked)
    yield* data.records
    cursor = data.cursor
  } while (cursor)
}

const readLexicons = (folder) => {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.json'))
  return new Lexicons(names.map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'))))
}

const problemOf = (lexicons, collection, value) => {
  try {
    lexicons.assertValidRecord(collection, value)
  } catch (error) {
    return error.message
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { lexicons: { type: 'string' } },
})
const [service, repository, ...collections] = positionals
const lexicons = values.lexicons && readLexicons(values.lexicons)
for (const collection of collections) {
  for await (const { uri, cid, value } of records(service, repository, collection)) {
    const problem = lexicons && problemOf(lexicons, collection, value)
    if (problem) process.exitCode = 1
    process.stdout.write(JSON.stringify({ uri, cid, value: lexToJson(value), problem }) + '\n')
  }
}
