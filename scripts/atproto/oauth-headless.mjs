// Plays the browser and the person in it for OAuth: opens the page, signs in, consents (or refuses),
// and follows the redirects to the client's callback.
//
//   node oauth-headless.mjs AUTHORIZE_URL HANDLE PASSWORD [--reject]
//
// It prints {"status": .., "url": ..} of the page where it ended, which is the callback's, without
// its query; with exit code 1 it says what the PDS refused.
import http from 'node:http'
import { textOf } from './http.mjs'

const API = '/@atproto/oauth-provider/~api'
const HOPS = 5

class Browser {
  #cookies = new Map()

  // fetch() would not send what a browser says of the place that a request comes from.
  async ask(method, url, headers, body) {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ')
    const all = { cookie, 'user-agent': 'Mozilla/5.0', 'accept-language': 'en', ...headers }
    const response = await new Promise((done, failed) =>
      http.request(url, { method, headers: all }, done).once('error', failed).end(body),
    )
    this.#keep(response.headers['set-cookie'] ?? [])
    return { status: response.statusCode, headers: response.headers, text: await textOf(response) }
  }

  #keep(cookies) {
    for (const cookie of cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)
      this.#cookies.set(name, value)
    }
  }

  open(url, from = { 'sec-fetch-site': 'none' }) {
    return this.ask('GET', url, { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', ...from })
  }

  // Where the page's script sends the browser, and on from there.
  async follow(referer, url) {
    const from = { referer, 'sec-fetch-site': 'same-origin' }
    for (let hop = 0; hop < HOPS; hop++) {
      const answer = await this.open(url, from)
      if (!answer.headers.location) return { status: answer.status, url: url.split('?')[0] }
      url = new URL(answer.headers.location, url).href
    }
    throw new Error(`more than ${HOPS} redirects`)
  }

  // What the page's own script would call.
  async call(page, endpoint, input) {
    const { origin } = new URL(page)
    const answer = await this.ask('POST', origin + API + endpoint, {
      origin,
      referer: page,
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'same-origin',
      'sec-fetch-dest': 'empty',
      'x-csrf-token': this.#cookies.get('csrf-token'),
    }, JSON.stringify(input)) // prettier-ignore
    if (answer.status !== 200) throw new Error(`${endpoint}: ${answer.status} ${answer.text}`)
    return JSON.parse(answer.text)
  }
}

const authorize = async (page, username, password, isRejected) => {
  const browser = new Browser()
  const opened = await browser.open(page)
  if (opened.status !== 200) throw new Error(`${page}: ${opened.status}`)
  if (isRejected) return browser.follow(page, (await browser.call(page, '/reject', {})).url)
  const credentials = { locale: 'en', username, password, remember: true }
  const { account } = await browser.call(page, '/sign-in', credentials)
  const { url } = await browser.call(page, '/consent', { did: account.did ?? account.sub })
  return browser.follow(page, url)
}

const [page, handle, password, rejection] = process.argv.slice(2)
try {
  const ended = await authorize(page, handle, password, rejection === '--reject')
  process.stdout.write(`${JSON.stringify(ended)}\n`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
