// A device written with the unmodified openid-client: it asks for its codes, shows where its person
// types the short one, and asks until it is told. It refreshes, then reads userinfo.
import * as client from 'openid-client'

const [issuer, clientId, clientSecret] = process.argv.slice(2)
const authentication = clientSecret === '-' ? client.None() : client.ClientSecretBasic(clientSecret)
const config = await client.discovery(new URL(issuer), clientId, undefined, authentication, {
  execute: [client.allowInsecureRequests],
})
const codes = await client.initiateDeviceAuthorization(config, { scope: 'openid scope_all' })
console.log(JSON.stringify(codes))

try {
  const tokens = await client.pollDeviceAuthorizationGrant(config, codes)
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
  console.log(JSON.stringify({ claims, userinfo, refreshedClaims: refreshed.claims() }))
} catch (error) {
  console.log(JSON.stringify({ error: error.error ?? String(error) }))
}
