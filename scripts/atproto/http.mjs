// A small HTTP server on loopback. What it answers is [status, body]: text as it is, else as JSON.
import http from 'node:http'

export const LOOPBACK = '127.0.0.1'

export const textOf = async (request) => {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

const send = (response, [status, body = {}]) => {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' })
  response.end(isText ? body : JSON.stringify(body))
}

export const listen = async (port, respond) => {
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, `http://localhost:${port}`)
    const failed = (error) => [400, { error: 'InvalidRequest', message: error.message }]
    send(response, await respond(request, url).catch(failed))
  })
  await new Promise((done, failed) => server.once('error', failed).listen(port, LOOPBACK, done))
  return server
}

export const close = (server) => {
  server.close()
  server.closeAllConnections()
}
