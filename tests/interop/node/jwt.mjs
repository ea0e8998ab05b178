// A relying service written with the unmodified openid-client that is sent nothing but JWTs: its
// authorization response (JARM) and userinfo are signed, its ID token and userinfo encrypted to its
// own keys besides. The library verifies every signature with the published keys. It speaks as
// login.mjs does; its private keys stand in a file.
import { readFileSync } from 'node:fs'
import * as client from 'openid-client'
import { signIn } from './browser.mjs'

const [issuer, clientId, clientSecret, redirectUri, keyFile] = process.argv.slice(2)
const { ec, rsa } = JSON.parse(readFileSync(keyFile, 'utf-8'))
const agreement = { name: 'ECDH', namedCurve: 'P-256' }
const transport = { name: 'RSA-OAEP', hash: 'SHA-256' }
const keys = [
  {
    key: await crypto.subtle.importKey('jwk', ec, agreement, false, ['deriveBits']),
    alg: 'ECDH-ES+A256KW',
    kid: ec.kid,
  },
  { key: await crypto.subtle.importKey('jwk', rsa, transport, false, ['decrypt']), kid: rsa.kid },
]
const metadata = {
  id_token_signed_response_alg: 'PS256',
  userinfo_signed_response_alg: 'ES256',
  authorization_signed_response_alg: 'ES256',
}
const authentication = client.ClientSecretBasic(clientSecret)
const config = await client.discovery(new URL(issuer), clientId, metadata, authentication, {
  execute: [
    client.allowInsecureRequests,
    client.enableNonRepudiationChecks,
    client.useJwtResponseMode,
    (configuration) =>
      client.enableDecryptingResponses(configuration, ['A128CBC-HS256', 'A256GCM'], ...keys),
  ],
})

const { address, callback, tokens } = await signIn(config, redirectUri, client.buildAuthorizationUrl)
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
console.log(JSON.stringify({
  mode: address.searchParams.get('response_mode'),
  returned: [...callback.searchParams.keys()],
  idToken: tokens.id_token,
  claims,
  userinfo,
  refreshedClaims: refreshed.claims(),
}))
