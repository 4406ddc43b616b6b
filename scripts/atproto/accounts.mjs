// The accounts that the network is started with.
import { Secp256k1Keypair } from '@atproto/crypto'
import { createServiceJwt } from '@atproto/xrpc-server'
import { didDocument } from './plc.mjs'

const CREATE = 'com.atproto.server.createAccount'

const ask = async (pds, method, name, token, body) => {
  const response = await fetch(`${pds.url}/xrpc/${name}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${name} at ${pds.url}: ${text}`)
  return text ? JSON.parse(text) : {}
}

const sayWho = async (pds, { handle, password }, { did, accessJwt }) => {
  const named = { name: 'atdata-tests' }
  const made = await ask(pds, 'POST', 'com.atproto.server.createAppPassword', accessJwt, named)
  return { handle, did, password, app_password: made.password, pds: pds.url }
}

const request = ({ handle, password }) => ({ handle, password, email: `${handle}@example.com` })

export const createAccount = async (pds, wanted) => {
  const created = await ask(pds, 'POST', CREATE, undefined, request(wanted))
  return sayWho(pds, wanted, created)
}

const webDocument = (did, handle, pds, key) =>
  didDocument({
    did,
    alsoKnownAs: [`at://${handle}`],
    verificationMethods: { atproto: key },
    services: { atproto_pds: { type: 'AtprotoPersonalDataServer', endpoint: pds.url } },
  })

// An account that brings its own DID proves it by a key of its document, and then puts the PDS's
// key there. `publish` serves a document as that of the DID.
export const createWebAccount = async (pds, wanted, did, publish) => {
  const keypair = await Secp256k1Keypair.create()
  publish(webDocument(did, wanted.handle, pds, keypair.did()))
  const proof = { iss: did, aud: pds.ctx.cfg.service.did, lxm: CREATE, keypair }
  const token = await createServiceJwt(proof)
  const created = await ask(pds, 'POST', CREATE, token, { ...request(wanted), did })
  const advice = 'com.atproto.identity.getRecommendedDidCredentials'
  const { verificationMethods } = await ask(pds, 'GET', advice, created.accessJwt)
  publish(webDocument(did, wanted.handle, pds, verificationMethods.atproto))
  await ask(pds, 'POST', 'com.atproto.server.activateAccount', created.accessJwt)
  return sayWho(pds, wanted, created)
}
