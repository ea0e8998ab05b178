"""The recorded shapes of userinfo, as data (decision 11; pro-sante-connect 4.1)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Vintage:
    """Which members a userinfo of that time had, where they differ."""

    email_verified: bool
    """`email_verified: false`, seen in 2021 and 2022."""
    genre_activite: bool
    """`codeGenreActivite` at top level, since 2023."""
    civilite_on_top: bool
    """`codeCivilite` at top level (newest); before, inside `SubjectRefPro`."""
    auth_mode: bool
    """`authMode`, since 2022."""


VINTAGES = {
    "2021": Vintage(
        email_verified=True, genre_activite=False, civilite_on_top=False, auth_mode=False
    ),
    "2022": Vintage(
        email_verified=True, genre_activite=False, civilite_on_top=False, auth_mode=True
    ),
    "2023": Vintage(
        email_verified=False, genre_activite=True, civilite_on_top=False, auth_mode=True
    ),
    "2023-12": Vintage(
        email_verified=False, genre_activite=True, civilite_on_top=True, auth_mode=True
    ),
}
