// A relying service written with the unmodified oauth4webapi, step by step, each answer judged by
// the library: discovery, a request signed with its own key (RFC 9101) and pushed (RFC 9126) with
// proofs (RFC 9449), private_key_jwt everywhere, code and PKCE, userinfo signed, the signature of
// the ID token verified though TLS would do. Where it asks to sign out is fetched too. It speaks as
// login.mjs does:
//   node strict.mjs ISSUER CLIENT_ID REDIRECT_URI KEY_FILE [forged]
import { readFileSync } from 'node:fs'
import * as oauth from 'oauth4webapi'
import { callbackFrom } from './browser.mjs'

const [issuerAddress, clientId, redirectUri, keyFile, forged] = process.argv.slice(2)
const plain = { [oauth.allowInsecureRequests]: true }
const jwk = JSON.parse(readFileSync(keyFile, 'utf-8'))
const curve = { name: 'ECDSA', namedCurve: 'P-256' }
const privateKey = {
  key: await crypto.subtle.importKey('jwk', jwk, curve, false, ['sign']),
  kid: jwk.kid,
}
const signing = forged
  ? { key: (await oauth.generateKeyPair('ES256')).privateKey, kid: jwk.kid }
  : privateKey

const issuer = new URL(issuerAddress)
const as = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...plain }),
)
const client = { client_id: clientId, userinfo_signed_response_alg: 'ES256' }
const authentication = oauth.PrivateKeyJwt(privateKey)
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))

// The library tells of a nonce that is asked for, and remembers it; asking again is the service's.
const challenges = []
async function twice(step, send, read) {
  try {
    return await read(await send())
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    challenges.push(step)
    return await read(await send())
  }
}

const verifier = oauth.generateRandomCodeVerifier()
const challenge = await oauth.calculatePKCECodeChallenge(verifier)
const nonce = oauth.generateRandomNonce()
const state = oauth.generateRandomState()
const signedRequest = () => oauth.issueRequestObject(as, client, {
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'openid scope_all',
  acr_values: 'eidas1',
  code_challenge_method: 'S256',
  code_challenge: challenge,
  nonce,
  state,
  max_age: '3600',
}, signing)
const pushed = await twice(
  'pushed request',
  async () => oauth.pushedAuthorizationRequest(
    as, client, authentication, { request: await signedRequest() }, { DPoP, ...plain },
  ),
  (answer) => oauth.processPushedAuthorizationResponse(as, client, answer),
)
const address = new URL(as.authorization_endpoint)
address.searchParams.set('client_id', clientId)
address.searchParams.set('request_uri', pushed.request_uri)
const callback = await callbackFrom(address)
const parameters = oauth.validateAuthResponse(as, client, callback, state)
const tokens = await twice(
  'token',
  () => oauth.authorizationCodeGrantRequest(
    as, client, authentication, parameters, redirectUri, verifier, { DPoP, ...plain },
  ),
  async (answer) => {
    const read = await oauth.processAuthorizationCodeResponse(as, client, answer, {
      expectedNonce: nonce, maxAge: 3600, requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(as, answer, plain)
    return read
  },
)
const claims = oauth.getValidatedIdTokenClaims(tokens)
const userinfo = await twice(
  'userinfo',
  () => oauth.userInfoRequest(as, client, tokens.access_token, { DPoP, ...plain }),
  async (answer) => {
    const read = await oauth.processUserInfoResponse(as, client, claims.sub, answer)
    await oauth.validateApplicationLevelSignature(as, answer, plain)
    return read
  },
)
const again = await twice(
  'code again',
  () => oauth.authorizationCodeGrantRequest(
    as, client, authentication, parameters, redirectUri, verifier, { DPoP, ...plain },
  ),
  (answer) => oauth.processAuthorizationCodeResponse(as, client, answer),
).then(() => 'accepted', (error) => error.error)

const logout = new URL(as.end_session_endpoint)
logout.searchParams.set('id_token_hint', tokens.id_token)
logout.searchParams.set('post_logout_redirect_uri', redirectUri)
logout.searchParams.set('state', state)
const left = await fetch(logout, { redirect: 'manual' })
console.log(JSON.stringify({
  requestUri: pushed.request_uri,
  expiresIn: pushed.expires_in,
  challenges,
  claims,
  userinfo,
  again,
  state,
  tokenType: tokens.token_type,
  left: [left.status, left.headers.get('location')],
}))
