"""What the service shows."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from service.signin import FAILED, complete, psc, signed_in

log = logging.getLogger(__name__)


def home(request: HttpRequest) -> HttpResponse:
    """What everybody sees."""
    del request
    return HttpResponse("Hello. <a href='/login'>Sign in with Pro Santé Connect</a>")


def login(request: HttpRequest) -> HttpResponse:
    """Begin a sign-in."""
    answer: HttpResponse = psc().authorize_redirect(
        request, request.build_absolute_uri(reverse("callback"))
    )
    return answer


def callback(request: HttpRequest) -> HttpResponse:
    """The browser comes back from Pro Santé Connect."""
    try:
        complete(request)
    except FAILED as error:
        log.info("the sign-in was refused: %s", error)
        return HttpResponseForbidden("The sign-in was not completed.")
    return redirect("me")


@signed_in
def me(request: HttpRequest) -> HttpResponse:
    """Who is signed in."""
    person = request.session["person"]
    return JsonResponse({"national_id": person["SubjectNameID"], "name": person["family_name"]})


def logout(request: HttpRequest) -> HttpResponse:
    """Sign out here, then at Pro Santé Connect."""
    token = request.session.get("token")
    request.session.flush()
    if token is None:
        return redirect("home")
    answer: HttpResponse = psc().logout_redirect(
        request,
        post_logout_redirect_uri=request.build_absolute_uri(reverse("home")),
        id_token_hint=token["id_token"],
    )
    return answer
