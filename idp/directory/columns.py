"""Columns of the two extracts, by header name (domain 4.1 and 4.2).

Headers are compared without case: older files spell some names differently.
"""

NATIONAL_ID = "identification nationale pp"
IDENTIFIER_TYPE = "type d'identifiant pp"
IDENTIFIER = "identifiant pp"
CIVILITE = "code civilité"
FAMILY_NAME = "nom de famille"
GIVEN_NAMES = "prénoms"
MOBILE = "téléphone (coord. correspondance)"
EMAIL = "adresse e-mail (coord. correspondance)"
OTHER_IDS = "autres identifiants"

EXERCICE = {
    "codeProfession": "code profession",
    "codeCategorieProfessionnelle": "code catégorie professionnelle",
    "codeCiviliteDexercice": "code civilité d'exercice",
    "nomDexercice": "nom d'exercice",
    "prenomDexercice": "prénom d'exercice",
    "codeTypeSavoirFaire": "code type savoir-faire",
    "codeSavoirFaire": "code savoir-faire",
}
ACTIVITY = {
    "codeModeExercice": "code mode exercice",
    "codeSecteurDactivite": "code secteur d'activité",
    "codeSectionPharmacien": "code section tableau pharmaciens",
    "codeRole": "code rôle",
    "codeGenreActivite": "code genre activité",
    "numeroSiretSite": "numéro siret site",
    "numeroSirenSite": "numéro siren site",
    "numeroFinessSite": "numéro finess site",
    "numeroFinessetablissementJuridique": "numéro finess établissement juridique",
    "identifiantTechniqueDeLaStructure": "identifiant technique de la structure",
    "raisonSocialeSite": "raison sociale site",
    "enseigneCommercialeSite": "enseigne commerciale site",
    "complementDestinataire": "complément destinataire (coord. structure)",
    "complementPointGeographique": "complément point géographique (coord. structure)",
    "numeroVoie": "numéro voie (coord. structure)",
    "indiceRepetitionVoie": "indice répétition voie (coord. structure)",
    "codeTypeDeVoie": "code type de voie (coord. structure)",
    "libelleVoie": "libellé voie (coord. structure)",
    "mentionDistribution": "mention distribution (coord. structure)",
    "bureauCedex": "bureau cedex (coord. structure)",
    "codePostal": "code postal (coord. structure)",
    "codeCommune": "code commune (coord. structure)",
    "codePays": "code pays (coord. structure)",
    "telephone": "téléphone (coord. structure)",
    "telephone2": "téléphone 2 (coord. structure)",
    "telecopie": "télécopie (coord. structure)",
    "adresseEMail": "adresse e-mail (coord. structure)",
    "codeDepartement": "code département (structure)",
    "ancienIdentifiantDeLaStructure": "ancien identifiant de la structure",
    "autoriteDenregistrement": "autorité d'enregistrement",
}
OPTIONAL = {"code rôle", "code genre activité"}
"""The columns that files before 2023 lack."""
SPELLINGS = {"code genre d'activité": "code genre activité"}
"""Other names of a column, in PSC's private extract."""

PUBLIC_REQUIRED = {NATIONAL_ID, IDENTIFIER_TYPE, IDENTIFIER, CIVILITE}
PRIVATE_REQUIRED = PUBLIC_REQUIRED | {FAMILY_NAME, GIVEN_NAMES, MOBILE, EMAIL}
