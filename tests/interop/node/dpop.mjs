// A relying service written with the unmodified openid-client that proves a key everywhere: beside
// its pushed request, at the token endpoint and at userinfo. The library answers the provider's
// demands for a nonce by itself. It speaks as login.mjs does.
import * as client from 'openid-client'
import { signIn } from './browser.mjs'

const [issuer, clientId, clientSecret, redirectUri] = process.argv.slice(2)
const authentication = clientSecret === '-' ? client.None() : client.ClientSecretBasic(clientSecret)
const config = await client.discovery(new URL(issuer), clientId, undefined, authentication, {
  execute: [client.allowInsecureRequests],
})
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

const { tokens } = await signIn(
  config, redirectUri, client.buildAuthorizationUrlWithPAR, { DPoP },
)
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
const asBearer = await client
  .fetchUserInfo(config, refreshed.access_token, claims.sub)
  .then(() => 'accepted', (error) => error.status)
const otherKey = client.getDPoPHandle(config, await client.randomDPoPKeyPair('PS256'))
const byOtherKey = await client
  .refreshTokenGrant(config, refreshed.refresh_token, undefined, { DPoP: otherKey })
  .then((given) => given.token_type, (error) => error.error)
console.log(JSON.stringify({
  claims,
  userinfo,
  refreshedClaims: refreshed.claims(),
  tokenTypes: [tokens.token_type, refreshed.token_type],
  jkt: await DPoP.calculateThumbprint(),
  accessToken: tokens.access_token,
  asBearer,
  byOtherKey,
  endSession: client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).href,
}))
