"""Code systems and constants of PSC's claims (domain section 3, pro-sante-connect 4.1)."""

SECTEUR_ACTIVITE = "1.2.250.1.71.4.2.4"
"""TRE_R02-SecteurActivite."""
SUBJECT_ROLE = "1.2.250.1.213.1.1.5.5"
"""The list of roles that PSC names, whatever the code's own table."""
PALIER_AUTHENTIFICATION = "APPPRIP3^1.2.250.1.213.1.5.1.1.1"
"""TRE_R231: the same in every sample, card and test identity alike."""
PSI_LOCALE = "1.2.250.1.213.1.3.1.1"
ACCES_REGULATION_MEDICALE = "FAUX"
UIT_VERSION = "1.0"
PAYS_FRANCE = "99000"


def coded(code: str, oid: str) -> str:
    """A code with its table, as in `SA07^1.2.250.1.71.4.2.4`; empty when it is unknown."""
    return f"{code}^{oid}" if code else ""
