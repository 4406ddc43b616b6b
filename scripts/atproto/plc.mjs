// A PLC directory, kept in a file. Operations are checked by @did-plc/lib (signature, rotation keys,
// order); documents have the public directory's present form, Multikey, which @did-plc/lib 0.0.4
// does not write yet.
//
// A test may have it lie: PUT /{did} sets the document that GET /{did} answers, DELETE ends that.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { cidForLex } from '@atproto/lex-cbor'
import plc from '@did-plc/lib'
import { listen, textOf } from './http.mjs'

const CONTEXTS = [
  'https://www.w3.org/ns/did/v1',
  'https://w3id.org/security/multikey/v1',
  'https://w3id.org/security/suites/secp256k1-2019/v1',
]

export const didDocument = ({ did, alsoKnownAs, verificationMethods, services }) => ({
  '@context': CONTEXTS,
  id: did,
  alsoKnownAs,
  verificationMethod: Object.entries(verificationMethods).map(([name, key]) => ({
    id: `${did}#${name}`,
    type: 'Multikey',
    controller: did,
    publicKeyMultibase: key.replace(/^did:key:/, ''),
  })),
  service: Object.entries(services).map(([name, { type, endpoint }]) => ({
    id: `#${name}`,
    type,
    serviceEndpoint: endpoint,
  })),
})

class Directory {
  #file
  #logs = new Map() // DID: its operations, the oldest first
  #lies = new Map() // DID: a document that a test has set

  constructor(file) {
    this.#file = file
  }

  async load() {
    if (!existsSync(this.#file)) return
    for (const line of readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)) {
      const { did, operation, createdAt } = JSON.parse(line)
      await this.#accept(did, operation, new Date(createdAt))
    }
  }

  async #accept(did, operation, createdAt) {
    const log = this.#logs.get(did) ?? []
    const { nullified } = await plc.assureValidNextOp(did, log, operation)
    const dead = new Set(nullified.map(String))
    for (const entry of log) entry.nullified ||= dead.has(String(entry.cid))
    log.push({ did, operation, cid: await cidForLex(operation), nullified: false, createdAt })
    this.#logs.set(did, log)
  }

  async respond(request, url) {
    const [did, ...rest] = decodeURIComponent(url.pathname.slice(1)).split('/')
    if (did === '_health') return [200, { version: 'tests' }]
    if (request.method === 'POST') return this.#register(did, JSON.parse(await textOf(request)))
    if (request.method === 'PUT') return this.#lie(did, JSON.parse(await textOf(request)))
    if (request.method === 'DELETE') return [200, { was: this.#lies.delete(did) }]
    return this.#tell(did, rest.join('/'))
  }

  async #register(did, operation) {
    const createdAt = new Date()
    await this.#accept(did, operation, createdAt)
    appendFileSync(this.#file, JSON.stringify({ did, operation, createdAt }) + '\n')
    return [200]
  }

  #lie(did, document) {
    this.#lies.set(did, document)
    return [200]
  }

  #tell(did, what) {
    if (!what && this.#lies.has(did)) return [200, this.#lies.get(did)]
    const log = this.#logs.get(did) ?? []
    const valid = log.filter((entry) => !entry.nullified).map((entry) => entry.operation)
    if (!valid.length) return [404, { message: `DID not registered: ${did}` }]
    if (what === 'log') return [200, valid]
    if (what === 'log/last') return [200, valid.at(-1)]
    if (what === 'log/audit') return [200, log.map((entry) => ({ ...entry, cid: String(entry.cid) }))]
    const data = plc.opToData(did, valid.at(-1))
    if (!data) return [410, { message: `DID not available: ${did}` }]
    return [200, what === 'data' ? data : didDocument(data)]
  }
}

export const startPlc = async (port, file) => {
  const directory = new Directory(file)
  await directory.load()
  return listen(port, (request, url) => directory.respond(request, url))
}
