"""Every page and call, one table of contents. Pages stand under their language: /fi/, /sv/, /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, path

from kaikukortti.web import sign_in

handler403 = "kaikukortti.web.errors.not_allowed"
handler404 = "kaikukortti.web.errors.not_found"
handler500 = "kaikukortti.web.errors.went_wrong"

# Without a language: calls, health, files.
urlpatterns: list[URLPattern | URLResolver] = []

# Signing in, and where each role goes from there.
urlpatterns += i18n_patterns(
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("start/", sign_in.start, name="start"),
    path("workplace/", sign_in.choose_workplace, name="choose-workplace"),
    path("session/", sign_in.keep_session, name="keep-session"),
    prefix_default_language=True,
)
