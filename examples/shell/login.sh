#!/bin/sh
# A code flow with Pro Santé Connect by curl alone; a simulated e-CPS approves it, then refuses one.
# First, in another terminal:
#
#   ECPS_CONTROL_SECRET=of-these-tests ecps-wallet control --with-provider
set -eu
: "${PSC_CONTROL:=http://localhost:8006/control/v1}"
: "${ECPS_CONTROL_SECRET:?set it to the start-up secret of control}"

control() { # method, address, body
  curl -sS --fail-with-body -X "$1" "$PSC_CONTROL$2" ${3:+-d "$3"} \
    -H "Ecps-Control-Secret: $ECPS_CONTROL_SECRET" -H 'Content-Type: application/json'
}
member() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
base64url() { base64 | tr -d '=\n' | tr '/+' '_-'; }

# The service, as Pro Santé Connect knows it. Any address that answers may take the browser back.
redirect_uri="${PSC_CONTROL%/control/v1}/healthz"
issuer=$(control GET /place | member issuer)
client=$(control POST /provider/clients '{"redirect_uris": ["'"$redirect_uri"'"]}')
client_id=$(echo "$client" | member client_id)
client_secret=$(echo "$client" | member client_secret)

# A doctor, with an e-CPS that was activated by the real journey.
national_id=$(control POST /provider/people '{"profession": "10"}' | member national_id)
control POST /phones '{"national_id": "'"$national_id"'"}' > /dev/null

# The browser and the person before it: from the authorization request to the redirect URI.
state=$(random)
verifier=$(random)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64url)
url="$issuer/protocol/openid-connect/auth?response_type=code&client_id=$client_id"
url="$url&redirect_uri=$redirect_uri&scope=openid%20scope_all&acr_values=eidas1"
url="$url&state=$state&nonce=$(random)&code_challenge=$challenge&code_challenge_method=S256"
sign_in() { control POST /logins '{"url": "'"$url"'", "national_id": "'"$national_id"'"'"$1"'}'; }

login=$(sign_in '')
[ "$(echo "$login" | member state)" = "$state" ] || { echo "another state: $login" >&2; exit 1; }
code=$(echo "$login" | member code)

# The service's own requests.
tokens=$(curl -sS --fail-with-body "$issuer/protocol/openid-connect/token" \
  -u "$client_id:$client_secret" -d grant_type=authorization_code -d "code=$code" \
  -d "redirect_uri=$redirect_uri" -d "code_verifier=$verifier")
person=$(curl -sS --fail-with-body "$issuer/protocol/openid-connect/userinfo" \
  -H "Authorization: Bearer $(echo "$tokens" | member access_token)")
[ "$(echo "$person" | member SubjectNameID)" = "$national_id" ] ||
  { echo "another person: $person" >&2; exit 1; }
echo "signed in: $national_id"

# The same on a phone that refuses: the service is told `access_denied`.
control PUT "/phones/$national_id/script" '{"then": {"do": "refuse"}}' > /dev/null
refused=$(sign_in ', "gives_up": true')
[ "$(echo "$refused" | member error)" = access_denied ] ||
  { echo "not refused: $refused" >&2; exit 1; }
echo "refused: $national_id"
