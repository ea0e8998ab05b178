"""Official French labels of the codes that people are shown (NOS tables, domain section 3).

Data, not words of ours: they are shown in French whatever the language of the page.
"""

ROLES = {
    "FON-01": "Titulaire de cabinet",
    "FON-02": "Associé SEL/SCP",
    "FON-03": "Titulaire d’officine",
    "FON-04": "Remplaçant du titulaire d’officine",
    "FON-05": "Adjoint",
    "FON-09": "Responsable d’établissement",
    "FON-15": "Directeur de laboratoire",
    "FON-16": "Directeur-adjoint de laboratoire",
    "FON-17": "Collaborateur",
    "FON-18": "Assistant salarié",
    "FON-21": "Médecin scolaire",
    "FON-22": "Remplaçant, intérimaire, intermittent",
    "FON-23": "Gérant",
    "FON-29": "Médecin du travail",
    "FON-32": "Régulateur libéral",
    "FON-33": "Salarié en poste fixe",
    "FON-35": "Chef de service",
    "FON-37": "Gérant de PUI",
    "FON-40": "Biologiste responsable",
    "FON-41": "Biologiste médical",
    "FON-42": "Assistant collaborateur",
    "FON-43": "Cadre de santé",
    "FON-44": "Cadre supérieur de santé",
    "FON-45": "Directeur des soins",
    "FON-47": "Etudiant remplaçant, adjoint",
    "FON-48": "Interne",
    "FON-51": "Remplacement partiel",
    "FON-52": "Etudiant militaire",
    "FON-53": "Médecin assistant",
    "FON-57": "Docteur junior",
}
"""TRE_R21-Fonction, the common ones; `FON-AU` (not defined) tells a person nothing."""
PROFESSIONS = {
    "10": "Médecin",
    "21": "Pharmacien",
    "26": "Audioprothésiste",
    "28": "Opticien-Lunetier",
    "31": "Assistant dentaire",
    "32": "Physicien médical",
    "35": "Aide-soignant",
    "36": "Ambulancier",
    "37": "Auxiliaire de puériculture",
    "38": "Préparateur en pharmacie hospitalière",
    "39": "Préparateur en pharmacie (officine)",
    "40": "Chirurgien-Dentiste",
    "50": "Sage-Femme",
    "60": "Infirmier",
    "69": "Infirmier psychiatrique",
    "70": "Masseur-Kinésithérapeute",
    "80": "Pédicure-Podologue",
    "81": "Orthoprothésiste",
    "82": "Podo-Orthésiste",
    "83": "Orthopédiste-Orthésiste",
    "84": "Oculariste",
    "85": "Epithésiste",
    "86": "Technicien de laboratoire médical",
    "91": "Orthophoniste",
    "92": "Orthoptiste",
    "93": "Psychologue",
    "94": "Ergothérapeute",
    "95": "Diététicien",
    "96": "Psychomotricien",
    "98": "Manipulateur ERM",
}
"""TRE_G15-ProfessionSante."""
SECTORS = {
    "SA01": "Etablissement public de santé",
    "SA02": "Hôpital militaire du SSA",
    "SA04": "Etablissement privé non PSPH",
    "SA05": "Centre de santé",
    "SA07": "Cabinet individuel",
    "SA08": "Cabinet de groupe",
    "SA09": "Exercice en société",
    "SA15": "PMI",
    "SA25": "Laboratoire de biologie médicale",
    "SA33": "Pharmacie d’officine",
    "SA42": "Appareillage médical",
    "SA43": "Secteur non défini",
    "SA52": "Maison ou pôle de santé",
}
"""TRE_R02-SecteurActivite, the common ones."""
KINDS = {
    "GENR01": "Activité de soin et de pharmacie",
    "GENR02": "Activité de soins ou de pharmacien en tant que remplaçant",
    "GENR04": "Activité non soignante",
}
"""TRE_R22-GenreActivite, the common ones."""
MODES = {"L": "Libéral", "S": "Salarié", "B": "Bénévole"}
"""TRE_R23-ModeExercice."""
CATEGORIES = {"C": "Civil", "E": "Etudiant", "F": "Fonctionnaire", "M": "Militaire"}
"""TRE_R09-CategorieProfessionnelle."""
TITLES = {"DR": "Docteur", "PR": "Professeur", "MC": "Maître de conférences"}
"""TRE_R11-CiviliteExercice, the common ones."""
SPECIALTIES = {
    "SM54": "Médecine générale",
    "SM26": "Qualifié en Médecine générale",
    "SM02": "Anesthésie-réanimation",
    "SM04": "Cardiologie",
    "SM15": "Dermatologie",
    "SM20": "Gynécologie-obstétrique",
    "SM38": "Ophtalmologie",
    "SM40": "Pédiatrie",
    "SM42": "Psychiatrie",
    "SM44": "Radio-diagnostic",
    "SM59": "Médecine d’urgence",
    "SCD01": "Orthopédie dento-faciale",
    "SCD02": "Chirurgie orale",
}
"""TRE_R38-SpecialiteOrdinale, the common ones."""
