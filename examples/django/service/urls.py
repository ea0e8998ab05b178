"""Addresses of the service."""

from django.urls import path

from service import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login", views.login, name="login"),
    path("callback", views.callback, name="callback"),
    path("me", views.me, name="me"),
    path("logout", views.logout, name="logout"),
]
