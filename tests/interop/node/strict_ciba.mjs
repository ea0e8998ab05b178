// A relying service written with the unmodified oauth4webapi that signs somebody in without a
// browser: the request is signed, the service authenticates by its key, each answer is judged by
// the library. It says that it waits, then what it got:
//   node strict_ciba.mjs ISSUER CLIENT_ID KEY_FILE LOGIN_HINT BINDING_MESSAGE
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import * as oauth from 'oauth4webapi'

const [issuerAddress, clientId, keyFile, loginHint, bindingMessage] = process.argv.slice(2)
const plain = { [oauth.allowInsecureRequests]: true }
const jwk = JSON.parse(readFileSync(keyFile, 'utf-8'))
const curve = { name: 'ECDSA', namedCurve: 'P-256' }
const privateKey = {
  key: await crypto.subtle.importKey('jwk', jwk, curve, false, ['sign']),
  kid: jwk.kid,
}

const issuer = new URL(issuerAddress)
const as = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...plain }),
)
const client = { client_id: clientId }
const authentication = oauth.PrivateKeyJwt(privateKey)
const request = await oauth.issueRequestObject(as, client, {
  scope: 'openid scope_all',
  acr_values: 'eidas1',
  login_hint: loginHint,
  binding_message: bindingMessage,
}, privateKey)
const begun = await oauth.processBackchannelAuthenticationResponse(
  as, client,
  await oauth.backchannelAuthenticationRequest(as, client, authentication, { request }, plain),
)
console.log(JSON.stringify({ expiresIn: begun.expires_in, interval: begun.interval }))

const pending = []
let tokens
while (!tokens) {
  await pause(begun.interval * 1000)
  const answer = await oauth.backchannelAuthenticationGrantRequest(
    as, client, authentication, begun.auth_req_id, plain,
  )
  try {
    tokens = await oauth.processBackchannelAuthenticationGrantResponse(as, client, answer)
    await oauth.validateApplicationLevelSignature(as, answer, plain)
  } catch (error) {
    if (error.error !== 'authorization_pending') throw error
    pending.push(error.error)
  }
}
const claims = oauth.getValidatedIdTokenClaims(tokens)
const userinfo = await oauth.processUserInfoResponse(
  as, client, claims.sub, await oauth.userInfoRequest(as, client, tokens.access_token, plain),
)
console.log(JSON.stringify({ claims, userinfo, pending, tokenType: tokens.token_type }))
