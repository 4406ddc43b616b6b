// Answers for the handles of every PDS of the network, as a service does
// (com.atproto.identity.resolveHandle) and as a handle's own web server does
// (/.well-known/atproto-did with a Host header), and serves did:web documents.
//
// What a test PUTs, at any path, is what GET answers there, until it DELETEs it:
//   /.well-known/did.json   the document of did:web:localhost%3A{port}
//   /some/path/did.json     the document of did:web:localhost%3A{port}:some:path
//   /handles/{handle}       a DID: what that handle resolves to, whatever the PDSs say
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { listen, textOf } from './http.mjs'

const RESOLVE = '/xrpc/com.atproto.identity.resolveHandle'
const WELL_KNOWN = '/.well-known/atproto-did'

export class Resolver {
  #file
  #pages
  #pdss

  // `pdss` may be filled later: handles are looked up in those that it holds by then.
  constructor(file, pdss) {
    this.#file = file
    this.#pdss = pdss
    this.#pages = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  }

  async didOf(handle) {
    const told = this.#pages[`/handles/${handle}`]
    if (told) return told.trim()
    const found = this.#pdss.map((pds) => pds.ctx.accountManager.getAccount(handle))
    return (await Promise.all(found)).find(Boolean)?.did
  }

  put(path, text) {
    this.#pages[path] = text
    writeFileSync(this.#file, JSON.stringify(this.#pages))
  }

  listen(port) {
    return listen(port, (request, url) => this.#respond(request, url))
  }

  async #respond(request, url) {
    if (request.method === 'PUT' || request.method === 'DELETE') {
      this.put(url.pathname, request.method === 'PUT' ? await textOf(request) : undefined)
      return [200]
    }
    if (url.pathname === RESOLVE) return this.#resolve(url.searchParams.get('handle') ?? '')
    const page = this.#pages[url.pathname]
    if (page) return [200, url.pathname.endsWith('.json') ? JSON.parse(page) : page]
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    const did = url.pathname === WELL_KNOWN && (await this.didOf(host))
    return did ? [200, did] : [404, 'Not found']
  }

  async #resolve(handle) {
    const did = await this.didOf(handle.toLowerCase())
    const unknown = { error: 'HandleNotFound', message: 'Unable to resolve handle' }
    return did ? [200, { did }] : [400, unknown]
  }
}
