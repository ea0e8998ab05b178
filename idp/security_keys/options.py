"""What a browser is asked for a security key: `navigator.credentials.create` and `.get`.

User verification and a discoverable credential are required, so that a key is two factors by
itself and no identifier is typed: an empty `allowCredentials` tells nobody whether somebody exists
(WebAuthn 3, 14.6.2). No attestation is asked: makes of keys are not told apart (14.4.1).
"""

from datetime import timedelta

from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
)
from webauthn.helpers import base64url_to_bytes, generate_challenge, generate_user_handle
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.security_keys.errors import TooManyKeys
from idp.security_keys.parties import Holder, Party, names_of
from idp.store import security_keys as store
from idp.store.models import KeyCeremony

REGISTRATION = "registration"
AUTHENTICATION = "authentication"
_MILLISECOND = timedelta(milliseconds=1)


def registration_options(
    provider: Provider, db: Session, party: Party, holder: Holder, *, called: str, binding: bytes
) -> str:
    """Begin a registration; gives the options as JSON (`PublicKeyCredentialCreationOptionsJSON`).

    Args:
        provider: the provider.
        db: an open writing session.
        party: where the key will be used.
        holder: whose key it will be: somebody whom the caller has authenticated.
        called: the account's name, which the authenticator keeps and shows at later choices.
        binding: see `parties.bound_to`.

    Raises:
        TooManyKeys: the holder has as many as the settings allow.
    """
    held = store.keys_of(db, holder.kind, names_of(db, holder))
    if len(held) >= provider.settings.max_security_keys:
        raise TooManyKeys
    challenge = generate_challenge()
    handle = held[0].user_handle if held else generate_user_handle()
    ceremony = _ceremony(provider, REGISTRATION, holder.kind, challenge, binding)
    ceremony.holder, ceremony.user_handle = holder.id, handle
    store.add_ceremony(db, ceremony)
    options = generate_registration_options(
        rp_id=party.rp_id,
        rp_name=party.name,
        user_name=called,
        user_id=handle,
        challenge=challenge,
        timeout=_timeout(provider),
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(
                id=base64url_to_bytes(key.credential_id),
                transports=[AuthenticatorTransport(name) for name in key.transports],
            )
            for key in held
            if key.state == "active"
        ],
    )
    return options_to_json(options)


def authentication_options(
    provider: Provider, db: Session, party: Party, *, holder_kind: str, binding: bytes
) -> str:
    """Begin a sign-in; gives the options as JSON (`PublicKeyCredentialRequestOptionsJSON`).

    Nobody is named: the key that answers tells whose it is.
    """
    challenge = generate_challenge()
    ceremony = _ceremony(provider, AUTHENTICATION, holder_kind, challenge, binding)
    store.add_ceremony(db, ceremony)
    options = generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge,
        timeout=_timeout(provider),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def _ceremony(
    provider: Provider, purpose: str, holder_kind: str, challenge: bytes, binding: bytes
) -> KeyCeremony:
    return KeyCeremony(
        challenge_hash=sha256(challenge),
        purpose=purpose,
        bound_to=binding,
        holder_kind=holder_kind,
        expires_at=provider.clock.now() + provider.settings.security_key_ceremony_lifetime,
    )


def _timeout(provider: Provider) -> int:
    return provider.settings.security_key_timeout // _MILLISECOND
