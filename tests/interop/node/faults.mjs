// A relying service written with the unmodified openid-client, one sign-in after another: it prints
// the address to open, reads the callback's address from standard input, and tells as JSON whether
// it signed the person in, or what it noticed.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const [issuer, clientId, clientSecret, redirectUri] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function begin () {
  const config = await client.discovery(
    new URL(issuer), clientId, undefined, client.ClientSecretBasic(clientSecret),
    { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
  )
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  }
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid scope_all',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  return { config, checks, address }
}

async function finish ({ config, checks }, callback) {
  const tokens = await client.authorizationCodeGrant(config, new URL(callback), checks)
  await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
}

async function attempt (work) {
  try {
    return { done: await work() }
  } catch (error) {
    const cause = error.cause?.message ?? error.cause?.error ?? ''
    return { noticed: `${error.code ?? error.name}: ${error.message} ${cause}` }
  }
}

for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const begun = await attempt(begin)
  if (begun.noticed) {
    console.log(JSON.stringify(begun))
    continue
  }
  console.log(JSON.stringify({ address: begun.done.address.href }))
  const { value: callback } = await lines.next()
  const { noticed } = await attempt(() => finish(begun.done, callback))
  console.log(JSON.stringify(noticed ? { noticed } : { signedIn: true }))
}
