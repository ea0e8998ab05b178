// A relying service written with the unmodified openid-client that signs somebody in without a
// browser, and polls. It says that it waits, then what it got:
//   node ciba.mjs ISSUER CLIENT_ID SECRET LOGIN_HINT BINDING_MESSAGE [dpop]
import * as client from 'openid-client'

const [issuer, clientId, clientSecret, loginHint, bindingMessage, proving] = process.argv.slice(2)
const config = await client.discovery(
  new URL(issuer), clientId, undefined, client.ClientSecretBasic(clientSecret),
  { execute: [client.allowInsecureRequests] },
)
const DPoP = proving
  ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  : undefined

const begun = await client.initiateBackchannelAuthentication(config, {
  scope: 'openid scope_all',
  acr_values: 'eidas1',
  login_hint: loginHint,
  binding_message: bindingMessage,
})
console.log(JSON.stringify({ expiresIn: begun.expires_in, interval: begun.interval }))

const tokens = await client.pollBackchannelAuthenticationGrant(config, begun, undefined, { DPoP })
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
const again = await client
  .pollBackchannelAuthenticationGrant(config, begun, undefined, { DPoP })
  .then(() => 'accepted', (error) => error.error)
console.log(JSON.stringify({
  claims,
  userinfo,
  refreshedClaims: refreshed.claims(),
  tokenType: tokens.token_type,
  accessToken: tokens.access_token,
  jkt: DPoP && await DPoP.calculateThumbprint(),
  again,
  endSession: client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).href,
}))
