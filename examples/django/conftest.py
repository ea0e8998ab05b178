"""Django is set up before the tests are read; with pytest-django this file is not needed."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")
os.environ.setdefault("SECRET_KEY", "of the tests")
django.setup()
