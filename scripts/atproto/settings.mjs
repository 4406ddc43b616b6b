// What the environment says of the network. Variables that begin with PDS_ and are not named here go
// to the PDSs themselves, as PDS_BLOB_UPLOAD_LIMIT and PDS_RATE_LIMITS_ENABLED do.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const HANDLE_DOMAINS = ['.test', '.bsky.social', '.handle.social', '.example.com']

// `handle:password`, or `handle:password@1` for an account on the second PDS.
const account = (text) => {
  const [, handle, password, pds] = /^([^:]+):(.+?)(?:@(\d+))?$/.exec(text) ?? []
  if (!handle) throw new Error(`an account is handle:password or handle:password@1, not ${text}`)
  return { handle, password, pds: Number(pds ?? 0) }
}

const accounts = (text = '') => text.split(/\s+/).filter(Boolean).map(account)

const domainOf = ({ handle }) => handle.slice(handle.indexOf('.'))

export const read = (environment) => {
  const { PDS_PORT = 2583, PDS_COUNT = 2, PLC_PORT, RESOLVER_PORT } = environment
  const [first, count] = [Number(PDS_PORT), Number(PDS_COUNT)]
  const wanted = accounts(environment.NETWORK_ACCOUNTS)
  const [web] = accounts(environment.NETWORK_DID_WEB)
  const all = [...wanted, ...(web ? [web] : [])]
  if (all.some(({ pds }) => pds >= count)) throw new Error(`there are only ${count} PDSs`)
  return {
    folder: environment.NETWORK_FOLDER,
    pdsPorts: Array.from({ length: count }, (_, index) => first + index),
    plcPort: Number(PLC_PORT ?? first + count),
    resolverPort: Number(RESOLVER_PORT ?? first + count + 1),
    domains: [...new Set([...HANDLE_DOMAINS, ...all.map(domainOf)])],
    accounts: wanted,
    webAccount: web,
  }
}

// A folder of our own ends with us; one that was named is kept for the next start.
export const openFolder = (named) => {
  const folder = named ?? mkdtempSync(path.join(os.tmpdir(), 'atdata-network-'))
  mkdirSync(folder, { recursive: true })
  const leave = () => named || rmSync(folder, { recursive: true, force: true })
  return { folder, leave }
}

// What `make` made when the folder was new.
export const kept = async (folder, name, make) => {
  const file = path.join(folder, name)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const made = await make()
  writeFileSync(file, JSON.stringify(made))
  return made
}

export const newSecrets = () => ({
  seed: randomBytes(32).toString('hex'),
  adminPassword: randomBytes(12).toString('hex'),
})
