"""Words of the rules of what a service sends by the browser."""

from flask_babel import lazy_gettext as _l

from idp.console.checklists.words.rule import RuleWords

WORDS: dict[str, RuleWords] = {
    "client_unknown": RuleWords(
        _l("Le client n’est pas enregistré"),
        _l("Un client qui n’est pas enregistré, ou qui l’est ailleurs, ne reçoit aucune réponse."),
        _l("Enregistrez le client, ou configurez le client_id sous lequel il l’a été."),
    ),
    "acr_values_missing": RuleWords(
        _l("acr_values manque"),
        _l("Pro Santé Connect exige que chaque demande nomme le niveau de garantie."),
        _l("Envoyez acr_values=eidas1 avec chaque demande d’autorisation."),
    ),
    "acr_values_other": RuleWords(
        _l("acr_values n’est pas eidas1"),
        _l("eidas1 est la seule valeur que Pro Santé Connect accepte, pour une carte aussi."),
        _l("Envoyez acr_values=eidas1 et rien d’autre ; le moyen se lit dans authMode."),
    ),
    "redirect_uri_unregistered": RuleWords(
        _l("redirect_uri n’est pas enregistrée"),
        _l(
            "Le navigateur n’est jamais envoyé à une adresse qui n’est pas, caractère pour "
            "caractère, enregistrée."
        ),
        _l(
            "Enregistrez l’adresse, ou envoyez celle qui l’est ; l’ANS ne les change que sur "
            "demande."
        ),
    ),
    "redirect_uri_http": RuleWords(
        _l("redirect_uri est en http, sans chiffrement"),
        _l("Le code traverserait le réseau en clair."),
        _l(
            "Passez en https ; http n’est admis que pour une adresse de bouclage, sur le poste du "
            "développeur."
        ),
    ),
    "response_type_other": RuleWords(
        _l("response_type n’est pas code"),
        _l(
            "Les réponses implicites et hybrides montrent les jetons au navigateur ; ce "
            "fournisseur les refuse."
        ),
        _l("Envoyez response_type=code."),
    ),
    "scope_without_openid": RuleWords(
        _l("openid manque dans scope"),
        _l(
            "Sans openid, la demande n’est pas d’OpenID Connect : il n’y a pas de jeton d’identité "
            "à vérifier."
        ),
        _l("Envoyez scope=openid scope_all."),
    ),
    "scope_all_missing": RuleWords(
        _l("scope_all manque dans scope"),
        _l("L’identité professionnelle (SubjectRefPro, SubjectRole…) vient avec scope_all."),
        _l("Envoyez scope=openid scope_all, comme les clients de l’ANS."),
    ),
    "email_expected": RuleWords(
        _l("scope demande email"),
        _l(
            "Aucun userinfo relevé de Pro Santé Connect ne porte d’adresse électronique de la "
            "personne ; celles qu’on y lit sont des lieux d’exercice, partagées entre collègues et "
            "souvent vides."
        ),
        _l(
            "Reconnaissez les personnes par SubjectNameID, jamais par l’adresse électronique ; "
            "demandez-leur la leur."
        ),
    ),
    "parameter_repeated": RuleWords(
        _l("Un paramètre a été envoyé plusieurs fois"),
        _l("Nul ne peut dire laquelle des valeurs compte : la demande est refusée."),
        _l("Envoyez chaque paramètre une seule fois."),
    ),
    "sign_in_framed": RuleWords(
        _l("La connexion a été ouverte dans un cadre"),
        _l(
            "Les pages de connexion refusent d’être encadrées, contre le détournement de clic : la "
            "personne ne voit rien."
        ),
        _l("Envoyez le navigateur entier à l’adresse d’autorisation."),
    ),
    "state_missing": RuleWords(
        _l("state manque"),
        _l(
            "Le service ne distingue pas la réponse à sa propre demande d’une réponse qu’on lui a "
            "glissée."
        ),
        _l(
            "Envoyez un state aléatoire et neuf, gardé dans la session du navigateur, et "
            "comparez-le au retour."
        ),
    ),
    "answer_unprotected": RuleWords(
        _l("Ni state, ni nonce, ni PKCE"),
        _l(
            "N’importe qui peut faire terminer sa propre connexion par le navigateur d’une victime "
            "(CSRF)."
        ),
        _l("Envoyez au moins un state neuf ; mieux, les trois."),
    ),
    "state_short": RuleWords(
        _l("state se devine"),
        _l("Une valeur qui protège des contrefaçons ne doit pas se deviner."),
        _l("Tirez-le d’au moins 16 octets aléatoires (secrets.token_urlsafe(32))."),
    ),
    "state_reused": RuleWords(
        _l("Un même state dans plusieurs connexions"),
        _l(
            "Un state constant ne protège de rien : qui l’a vu une fois peut contrefaire une "
            "réponse."
        ),
        _l("Tirez un nouveau state pour chaque demande, et n’acceptez chacun qu’une fois."),
    ),
    "nonce_missing": RuleWords(
        _l("nonce manque"),
        _l(
            "Le service ne peut pas savoir que le jeton d’identité a été fait pour cette connexion."
        ),
        _l("Envoyez un nonce aléatoire et neuf, et comparez-le au nonce du jeton d’identité."),
    ),
    "code_unprotected": RuleWords(
        _l("Ni nonce, ni PKCE"),
        _l(
            "Un code volé peut être glissé dans la connexion d’une autre personne (injection de "
            "code)."
        ),
        _l("Envoyez un nonce, et code_challenge avec code_challenge_method=S256."),
    ),
    "nonce_short": RuleWords(
        _l("nonce se devine"),
        _l("Un nonce doit avoir assez d’entropie pour que personne ne le devine."),
        _l(
            "Tirez-le d’au moins 16 octets aléatoires ; le connecteur de l’ANS envoie 64 "
            "caractères hexadécimaux."
        ),
    ),
    "nonce_reused": RuleWords(
        _l("Un même nonce dans plusieurs connexions"),
        _l("Le jeton d’identité d’une connexion passe pour celui d’une autre."),
        _l("Tirez un nouveau nonce pour chaque demande, et oubliez-le avec la connexion."),
    ),
    "pkce_missing": RuleWords(
        _l("PKCE n’est pas employé"),
        _l(
            "PKCE est recommandé aux services qui ont un secret, et exigé de ceux qui n’en ont pas."
        ),
        _l(
            "Envoyez code_challenge avec code_challenge_method=S256, et code_verifier avec le code."
        ),
    ),
    "pkce_plain": RuleWords(
        _l("PKCE sans S256"),
        _l("Avec plain, qui voit la demande a le vérificateur : cela ne protège de rien."),
        _l("Envoyez code_challenge_method=S256 et le SHA-256 du vérificateur."),
    ),
    "pkce_reused": RuleWords(
        _l("Un même code_challenge dans plusieurs connexions"),
        _l("Un vérificateur vaut pour une demande : constant, il ne protège de rien."),
        _l("Tirez un nouveau vérificateur pour chaque demande."),
    ),
    "verifier_missing": RuleWords(
        _l("Le code est venu sans son vérificateur"),
        _l("Un code demandé avec un code_challenge n’est échangé qu’avec son vérificateur."),
        _l(
            "Gardez le vérificateur dans la session du navigateur et envoyez-le avec le code, en "
            "code_verifier."
        ),
    ),
    "logout_forgotten": RuleWords(
        _l("Personne n’a jamais été déconnecté"),
        _l(
            "Qui clique sur « se déconnecter » quitte le service et Pro Santé Connect ; sinon, la "
            "personne suivante entre sur ce poste sans qu’on lui demande rien. (Une session qui "
            "finit d’elle-même n’en a pas besoin.)"
        ),
        _l(
            "Envoyez le navigateur à end_session_endpoint avec id_token_hint et "
            "post_logout_redirect_uri."
        ),
    ),
    "logout_without_hint": RuleWords(
        _l("Déconnexion sans id_token_hint"),
        _l(
            "Sans lui, il est demandé à la personne si elle veut se déconnecter, et un appel de "
            "serveur à serveur ne termine rien."
        ),
        _l(
            "Gardez le jeton d’identité de la connexion et envoyez-le en id_token_hint ; il peut "
            "avoir expiré."
        ),
    ),
    "logout_hint_wrong": RuleWords(
        _l("id_token_hint n’est pas un jeton d’identité"),
        _l(
            "Un jeton d’accès ou de renouvellement dans une adresse est livré à tous, et ne "
            "termine rien."
        ),
        _l("Envoyez le jeton d’identité."),
    ),
    "post_logout_redirect_uri_unregistered": RuleWords(
        _l("post_logout_redirect_uri n’est pas enregistrée"),
        _l(
            "Personne n’est envoyé à une adresse qui n’est pas enregistrée : la déconnexion est "
            "refusée."
        ),
        _l("Enregistrez l’adresse, caractère pour caractère."),
    ),
}
