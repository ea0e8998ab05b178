"""Words of the rules of what a service's server does."""

from flask_babel import lazy_gettext as _l

from idp.console.checklists.words.rule import RuleWords

WORDS: dict[str, RuleWords] = {
    "code_too_late": RuleWords(
        _l("Le code a été échangé après sa fin"),
        _l("Passé son temps, un code est refusé : la personne s’est connectée pour rien."),
        _l("Échangez le code dès le retour, avant tout ce qui est lent."),
    ),
    "code_late": RuleWords(
        _l("Le code a été échangé tard"),
        _l(
            "Plus de la moitié de la vie du code est passée : un jour plus lent, la connexion "
            "échoue."
        ),
        _l("Échangez le code dès le retour, avant tout ce qui est lent."),
    ),
    "code_reused": RuleWords(
        _l("Un code a été envoyé deux fois"),
        _l("Le second usage met fin aux jetons du premier : c’est la réponse à un code volé."),
        _l(
            "Ne traitez chaque retour qu’une fois : oubliez state dès son premier usage, afin "
            "qu’une page rechargée n’échange rien."
        ),
    ),
    "code_unused": RuleWords(
        _l("Un code n’a jamais été échangé"),
        _l(
            "La connexion s’est arrêtée au retour : elle y a échoué, ou n’a jamais atteint "
            "l’adresse des jetons."
        ),
        _l(
            "Cherchez les erreurs du retour : un state refusé, une exception, une adresse hors "
            "d’atteinte."
        ),
    ),
    "redirect_uri_differs": RuleWords(
        _l("redirect_uri diffère entre les deux demandes"),
        _l(
            "La demande de jetons répète l’adresse de la demande d’autorisation, sinon elle est "
            "refusée."
        ),
        _l(
            "Envoyez la même redirect_uri avec le code ; gare aux mandataires qui changent schéma, "
            "hôte ou port."
        ),
    ),
    "token_request_not_form": RuleWords(
        _l("La demande de jetons n’est pas un formulaire"),
        _l("L’adresse des jetons lit application/x-www-form-urlencoded, et rien d’autre."),
        _l("Envoyez les paramètres en formulaire, pas en JSON."),
    ),
    "grant_not_served": RuleWords(
        _l("Cette façon d’obtenir des jetons n’est pas offerte"),
        _l(
            "Pro Santé Connect connecte des personnes : par un code, par CIBA, et par "
            "renouvellement."
        ),
        _l("Employez authorization_code, refresh_token ou urn:openid:params:grant-type:ciba."),
    ),
    "keys_never_fetched": RuleWords(
        _l("Les clés n’ont jamais été lues"),
        _l(
            "Sans les clés de jwks_uri, aucune signature de jeton d’identité ne peut être "
            "vérifiée. (Les lectures se reconnaissent à l’adresse et au User-Agent ; celles d’un "
            "autre processus ne se voient pas.)"
        ),
        _l("Vérifiez chaque jeton d’identité : signature par kid, iss, aud, exp, nonce."),
    ),
    "documents_fetched_each_login": RuleWords(
        _l("La découverte ou les clés sont lues à chaque connexion"),
        _l("Chaque connexion en est ralentie, et la moindre panne l’interrompt."),
        _l(
            "Gardez les deux ; relisez les clés devant un kid inconnu, au plus toutes les quelques "
            "minutes."
        ),
    ),
    "userinfo_never_called": RuleWords(
        _l("userinfo n’a jamais été lu"),
        _l("Profession, activités et structures ne se trouvent que dans userinfo."),
        _l("Lisez userinfo juste après les jetons, avec le jeton d’accès en Bearer."),
    ),
    "userinfo_without_token": RuleWords(
        _l("userinfo a été demandé sans jeton"),
        _l("Sans le jeton d’accès dans son en-tête, rien n’est dit."),
        _l("Envoyez Authorization: Bearer et le jeton d’accès, ni le jeton d’identité ni le code."),
    ),
    "token_used_expired": RuleWords(
        _l("Un jeton d’accès a été présenté après sa fin"),
        _l("Les jetons d’accès vivent deux minutes : plus tard, l’appel est refusé."),
        _l(
            "Lisez expires_in ; renouvelez avant la fin du jeton, ou lisez userinfo une seule "
            "fois, à la connexion."
        ),
    ),
    "refresh_reused": RuleWords(
        _l("Un jeton de renouvellement a été présenté deux fois"),
        _l(
            "Chaque renouvellement en donne un nouveau ; un ancien qui revient passe pour volé, et "
            "tous les jetons de la connexion prennent fin."
        ),
        _l("Gardez le plus récent, en un seul endroit ; renouvelez depuis un processus à la fois."),
    ),
    "token_endpoint_hammered": RuleWords(
        _l("L’adresse des jetons est martelée"),
        _l("La plateforme réelle limite qui demande si souvent, et tous ses utilisateurs avec."),
        _l(
            "Renouvelez peu avant la fin du jeton, pas à chaque page ; arrêtez après une erreur "
            "qui ne passera pas (invalid_grant, invalid_client)."
        ),
    ),
    "introspection_foreign": RuleWords(
        _l("Introspection du jeton d’un autre client"),
        _l(
            "Une API qui interroge sur les jetons de ses appelants fait bien ; un service qui "
            "interroge sur un jeton qui n’est pas le sien l’a pris où il ne devait pas être."
        ),
        _l(
            "Une API compare azp aux clients qu’elle sert ; un service n’interroge que sur ses "
            "propres jetons."
        ),
    ),
    "client_secret_in_url": RuleWords(
        _l("Le secret du client est dans une adresse"),
        _l("Les adresses s’écrivent dans les journaux, les historiques et les mandataires."),
        _l(
            "Envoyez-le dans l’en-tête Authorization (Basic) ou dans le formulaire ; puis "
            "changez-le."
        ),
    ),
    "token_in_url": RuleWords(
        _l("Un jeton est dans une adresse"),
        _l(
            "Les adresses s’écrivent dans les journaux, les historiques et les mandataires : qui "
            "en lit une a le jeton."
        ),
        _l("Envoyez-le en Authorization: Bearer."),
    ),
    "code_in_url": RuleWords(
        _l("Un code ou son vérificateur est dans l’adresse d’une demande"),
        _l(
            "Les demandes de jetons sont postées, pour qu’aucun journal ni mandataire n’en voie le "
            "contenu."
        ),
        _l("Postez les paramètres de la demande de jetons en formulaire."),
    ),
    "called_from_page": RuleWords(
        _l("Une page de navigateur appelle le canal arrière"),
        _l(
            "Aucune permission CORS n’est donnée ici : le navigateur refuse la réponse, et une "
            "page ne sait pas garder un secret."
        ),
        _l("Appelez ces adresses depuis le serveur du service."),
    ),
    "client_refused": RuleWords(
        _l("Le client n’a pas été reconnu"),
        _l("Le secret, le certificat ou la méthode n’est pas celui qui est enregistré."),
        _l(
            "Comparez secret et méthode à l’enregistrement ; encodez les deux parties de Basic "
            "comme un formulaire."
        ),
    ),
    "method_not_of_psc": RuleWords(
        _l("Authentification du client que Pro Santé Connect n’accepte pas"),
        _l(
            "Son document en annonce plus qu’il n’en accepte : un secret (Basic ou post) ou un "
            "certificat."
        ),
        _l("Employez tls_client_auth, ou client_secret_basic avec le certificat."),
    ),
    "certificate_missing": RuleWords(
        _l("Pas de certificat du client dans le canal arrière"),
        _l(
            "Les demandes du serveur du service montrent un certificat du service (IGC-Santé, ORG "
            "AUTH_CLI), avec un secret ou à sa place."
        ),
        _l("Appelez les adresses de mtls_endpoint_aliases avec le certificat, userinfo comprise."),
    ),
    "certificate_untried": RuleWords(
        _l("Le certificat du client n’a pas été essayé"),
        _l(
            "Pro Santé Connect exige un certificat du client dans le canal arrière. Ce serveur a "
            "démarré sans adresse qui en demande un : rien n’a pu en être montré."
        ),
        _l("Réglez mtls_base_url (ecps-idp serve --tls) et appelez mtls_endpoint_aliases."),
    ),
    "ciba_acr_values": RuleWords(
        _l("CIBA sans acr_values=eidas1"),
        _l("Pro Santé Connect exige que chaque demande nomme le niveau de garantie."),
        _l("Envoyez acr_values=eidas1."),
    ),
    "binding_message_missing": RuleWords(
        _l("CIBA sans deux chiffres dans binding_message"),
        _l("La personne compare le nombre que le service montre à celui du téléphone."),
        _l(
            "Envoyez deux chiffres au hasard, de 00 à 99, dans binding_message, et montrez-les en "
            "grand."
        ),
    ),
    "channel_missing": RuleWords(
        _l("CIBA sans channel"),
        _l("Un paramètre propre à Pro Santé Connect : par le téléphone ou par la carte."),
        _l("Envoyez channel=MOBILE ou channel=CARD."),
    ),
    "polled_too_fast": RuleWords(
        _l("Interrogation plus rapide que l’intervalle"),
        _l(
            "La réponse slow_down veut dire : attendez davantage. Ailleurs, chacune allonge "
            "l’intervalle."
        ),
        _l("Attendez interval secondes entre deux questions, comptées depuis la dernière réponse."),
    ),
    "polled_after_end": RuleWords(
        _l("Interrogation après la fin de la demande"),
        _l("expired_token et access_denied sont définitifs : aucun jeton ne viendra."),
        _l("Arrêtez, dites-le à la personne, et laissez-la recommencer."),
    ),
}
