// The reference PDS, on loopback, with what it holds in a folder.
import { createHmac } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { LOOPBACK } from './http.mjs'

process.env.LOG_ENABLED ??= 'false' // which the PDS reads when it is imported
const { PDS, readEnv } = await import('@atproto/pds')

const BLOB_LIMIT = 5 * 1024 * 1024 // the PDS's own

// Secrets differ by PDS, and are the same after a restart.
const secret = (seed, port, name) => createHmac('sha256', seed).update(`${name} ${port}`).digest('hex')

const folders = (folder) => {
  const [blobs, partial] = ['blobs', 'blobs-partial'].map((name) => path.join(folder, name))
  for (const each of [blobs, partial]) mkdirSync(each, { recursive: true })
  return {
    dataDirectory: folder,
    blobstoreDiskLocation: blobs,
    blobstoreDiskTmpLocation: partial,
  }
}

const isSaid = ([, value]) => value !== undefined && !(Array.isArray(value) && !value.length)

// By the names of readEnv() in @atproto/pds: first what PDS_* variables may set otherwise.
const settings = ({ port, folder, seed, adminPassword, plc, domains }) => ({
  blobUploadLimit: BLOB_LIMIT,
  rateLimitsEnabled: false,
  serviceHandleDomains: domains,
  ...Object.fromEntries(Object.entries(readEnv()).filter(isSaid)),
  ...folders(folder),
  port,
  hostname: 'localhost', // for which the public address is http://localhost:port
  serviceDid: `did:web:localhost%3A${port}`,
  devMode: true, // plain http and private addresses
  inviteRequired: false,
  enableDidDocWithSession: true,
  didPlcUrl: plc,
  adminPassword,
  jwtSecret: secret(seed, port, 'jwt'),
  dpopSecret: secret(seed, port, 'dpop'),
  plcRotationKeyK256PrivateKeyHex: secret(seed, port, 'rotation'),
  crawlers: [],
})

// PDS.start() would listen on every interface. Its listen is wrapped, not replaced: the xrpc
// server has hooked itself into it, for the web sockets of subscribeRepos.
const stayOnLoopback = ({ app }) => {
  const listen = app.listen.bind(app)
  app.listen = (port, ...rest) => listen(port, LOOPBACK, ...rest)
}

// Any handle may be had here (`handle.bsky.social` is reserved elsewhere), and none is looked up
// in the world's DNS.
const allowAnyHandle = ({ ctx }, resolveHandle) => {
  const manager = ctx.accountManager
  const validate = manager.normalizeAndValidateHandle.bind(manager)
  manager.normalizeAndValidateHandle = (handle, options) =>
    validate(handle, { ...options, allowAnyValid: true })
  ctx.idResolver.handle.resolve = resolveHandle
}

export const startPds = async (wanted, resolveHandle) => {
  const pds = await PDS.fromEnv(settings(wanted))
  pds.url = pds.ctx.cfg.service.publicUrl
  stayOnLoopback(pds)
  allowAnyHandle(pds, resolveHandle)
  await pds.start()
  return pds
}
