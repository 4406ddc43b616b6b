// An AT Protocol network for tests, on loopback only: a PLC directory, a handle resolver, and PDSs.
// See README.md. When all answer it prints one line of JSON, and it ends when its stdin closes.
import { performance } from 'node:perf_hooks'
import path from 'node:path'
import { createAccount, createWebAccount } from './accounts.mjs'
import { close } from './http.mjs'
import { startPds } from './pds.mjs'
import { startPlc } from './plc.mjs'
import { Resolver } from './resolver.mjs'
import { kept, newSecrets, openFolder, read } from './settings.mjs'

const PATIENCE = 5000 // milliseconds for the PDSs to end what they do

const settings = read(process.env)
const { folder, leave } = openFolder(settings.folder)
const pdss = []
const servers = []
const local = (port) => `http://localhost:${port}`

const end = (code) => {
  leave()
  process.exit(code)
}

let isStopping = false
const stop = async (code) => {
  if (isStopping) return
  isStopping = true
  setTimeout(end, PATIENCE, 1).unref()
  await Promise.allSettled(pdss.map((pds) => pds.destroy()))
  servers.forEach(close)
  end(code)
}

const startPdss = async (secrets, resolver) => {
  const { domains, plcPort, pdsPorts } = settings
  const common = { ...secrets, domains, plc: local(plcPort) }
  const resolve = (handle) => resolver.didOf(handle)
  for (const port of pdsPorts) {
    const own = { port, folder: path.join(folder, `pds-${port}`) }
    pdss.push(await startPds({ ...common, ...own }, resolve))
  }
}

const createAccounts = async (resolver) => {
  const { accounts, webAccount, resolverPort } = settings
  const made = accounts.map((wanted) => createAccount(pdss[wanted.pds], wanted))
  if (webAccount) {
    const did = `did:web:localhost%3A${resolverPort}`
    const publish = (document) => resolver.put('/.well-known/did.json', JSON.stringify(document))
    made.push(createWebAccount(pdss[webAccount.pds], webAccount, did, publish))
  }
  return Promise.all(made)
}

const start = async () => {
  const secrets = await kept(folder, 'secrets.json', newSecrets)
  const resolver = new Resolver(path.join(folder, 'resolver.json'), pdss)
  servers.push(await startPlc(settings.plcPort, path.join(folder, 'plc.jsonl')))
  servers.push(await resolver.listen(settings.resolverPort))
  await startPdss(secrets, resolver)
  return {
    url: pdss[0].url,
    plc: local(settings.plcPort),
    resolver: local(settings.resolverPort),
    pds: pdss.map((pds) => pds.url),
    admin_password: secrets.adminPassword,
    accounts: await kept(folder, 'accounts.json', () => createAccounts(resolver)),
    milliseconds: Math.round(performance.now()),
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0))
process.stdin.on('close', () => stop(0)).resume()
try {
  process.stdout.write(JSON.stringify(await start()) + '\n')
} catch (error) {
  process.stderr.write(`${error.stack}\n`)
  await stop(1)
}
