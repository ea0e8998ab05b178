"""Settings; what is secret, and where Pro Santé Connect is, stands in the environment."""

import os

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")
ROOT_URLCONF = "service.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
# Tokens are kept with the session: with a practitioner's activities they are larger than a cookie.
# A service with several processes names a cache that they share.
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_SECURE = True
# The session's cookie must come along when Pro Santé Connect sends the browser back.
SESSION_COOKIE_SAMESITE = "Lax"
USE_TZ = True

PSC_DISCOVERY_URL = os.environ.get("PSC_DISCOVERY_URL", "")
PSC_CLIENT_ID = os.environ.get("PSC_CLIENT_ID", "")
PSC_CLIENT_SECRET = os.environ.get("PSC_CLIENT_SECRET", "")
# The certificate that the service shows in the back channel (EXI PSC 24): files, PEM.
PSC_CERTIFICATE = os.environ.get("PSC_CERTIFICATE", "")
PSC_KEY = os.environ.get("PSC_KEY", "")
