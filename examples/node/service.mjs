// A service that signs health professionals in with Pro Santé Connect: Node and openid-client.
//
//   PSC_DISCOVERY_URL=… PSC_CLIENT_ID=… PSC_CLIENT_SECRET=… node service.mjs
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import * as client from 'openid-client'

// The application, before it listens; `origin` is where browsers find it.
export async function createService({ discoveryUrl, clientId, clientSecret, origin }) {
  const insecure = discoveryUrl.startsWith('http:') // a provider in a test: never in production
  const config = await client.discovery(
    new URL(discoveryUrl), clientId, undefined, client.ClientSecretBasic(clientSecret),
    { execute: insecure ? [client.allowInsecureRequests] : [] },
  )
  const sessions = new Map() // several processes keep them in a database

  async function login(request, response) {
    const began = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
    }
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}/callback`,
      scope: 'openid scope_all',
      acr_values: 'eidas1',
      code_challenge: await client.calculatePKCECodeChallenge(began.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: began.expectedState,
      nonce: began.expectedNonce,
    })
    const key = randomUUID()
    sessions.set(key, { began })
    response.writeHead(302, {
      location: address.href,
      'set-cookie': `session=${key}; HttpOnly; SameSite=Lax; Path=/`,
    }).end()
  }

  async function callback(request, response) {
    const session = sessions.get(keyOf(request))
    if (!session?.began) return refuse(response)
    const { began } = session
    delete session.began // each login comes back once
    try {
      const tokens = await client.authorizationCodeGrant(
        config, new URL(request.url, origin), { ...began, idTokenExpected: true },
      )
      const subject = tokens.claims().sub
      session.person = await client.fetchUserInfo(config, tokens.access_token, subject)
    } catch (error) {
      console.error(`the sign-in was refused: ${error.code ?? ''} ${error.message}`)
      return refuse(response)
    }
    response.writeHead(302, { location: '/me' }).end()
  }

  function me(request, response) {
    const person = sessions.get(keyOf(request))?.person
    if (!person) return response.writeHead(302, { location: '/login' }).end()
    const told = { national_id: person.SubjectNameID, name: person.family_name }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  }

  const pages = { '/login': login, '/callback': callback, '/me': me }
  return createServer(async (request, response) => {
    const page = pages[new URL(request.url, origin).pathname]
    if (!page) return response.writeHead(404).end()
    try {
      await page(request, response)
    } catch (error) {
      console.error(error)
      response.writeHead(500).end()
    }
  })
}

function keyOf(request) {
  return /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
}

function refuse(response) {
  response.writeHead(403, { 'content-type': 'text/plain' }).end('The sign-in was not completed.')
}

if (process.argv[1] === import.meta.filename) {
  const service = await createService({
    discoveryUrl: process.env.PSC_DISCOVERY_URL,
    clientId: process.env.PSC_CLIENT_ID,
    clientSecret: process.env.PSC_CLIENT_SECRET,
    origin: 'http://localhost:3000',
  })
  service.listen(3000, 'localhost')
}
