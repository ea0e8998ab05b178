// A relying service written with the unmodified openid-client: it prints the address to open in a
// browser, reads the callback's address from standard input, and reports what it verified as JSON.
import * as readline from 'node:readline/promises'
import * as client from 'openid-client'

const [issuer, clientId, clientSecret, redirectUri, wellKnown] = process.argv.slice(2)
const server = wellKnown === 'wallet'
  ? new URL(`${issuer}/.well-known/wallet-openid-configuration`)
  : new URL(issuer)
const authentication = clientSecret === '-' ? client.None() : client.ClientSecretBasic(clientSecret)
const config = await client.discovery(server, clientId, undefined, authentication, {
  execute: [client.allowInsecureRequests],
})

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid scope_all',
  acr_values: 'eidas1',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})
console.log(address.href)

const input = readline.createInterface({ input: process.stdin })
const callback = new URL((await input[Symbol.asyncIterator]().next()).value)
input.close()

const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
})
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const report = { claims, userinfo, refreshedClaims: refreshed.claims() }
if (clientSecret !== '-') {
  report.introspection = await client.tokenIntrospection(config, refreshed.access_token)
}
await client.tokenRevocation(config, refreshed.refresh_token)
report.endSession = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).href
console.log(JSON.stringify(report))
