"""What an operator may do: roles stand beside each other, none holds another but `reader`."""

from flask_babel import lazy_gettext

READER = "reader"
SUPPORT = "support"
REGISTRAR = "registrar"
ADMINISTRATOR = "administrator"

ROLES = {
    READER: lazy_gettext("Lecture"),
    SUPPORT: lazy_gettext("Assistance"),
    REGISTRAR: lazy_gettext("Registre"),
    ADMINISTRATOR: lazy_gettext("Administration"),
}
DUTIES = {
    READER: lazy_gettext("voir, sans rien changer"),
    SUPPORT: lazy_gettext("téléphones, cartes, sessions"),
    REGISTRAR: lazy_gettext("personnes et contacts"),
    ADMINISTRATOR: lazy_gettext("services, clés, opérateurs"),
}
EVERY_ROLE = frozenset(ROLES)
