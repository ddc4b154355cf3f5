"""Which language a page is in: ``?lang=``, then the cookie, then the browser's wish, then the site's default."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, g, request

from appliance.panel.catalogue import CATALOGUES, Language

COOKIE = "callfloor_language"
COOKIE_SECONDS = 365 * 24 * 3600


def chosen() -> Language:
    """The language of this request."""
    if "language" not in g:
        g.language = _choose(current_app.extensions["callfloor.settings"].site.language)
    language: Language = g.language
    return language


def words(language: Language) -> dict[str, str]:
    """All strings in a language."""
    return CATALOGUES[language]


def _choose(default: Language) -> Language:
    for name in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if name in CATALOGUES:
            return name
    wished = request.accept_languages.best_match(list(CATALOGUES))
    return next((name for name in CATALOGUES if name == wished), default)


def register(app: Flask) -> None:
    """Give templates ``t(key)`` and ``language``, and keep a choice made by ``?lang=`` in a cookie."""

    def names() -> dict[str, Any]:
        catalogue = words(chosen())
        return {"t": catalogue.__getitem__, "language": chosen(), "languages": list(CATALOGUES)}

    def keep(response: Response) -> Response:
        if request.args.get("lang") in CATALOGUES:
            response.set_cookie(COOKIE, chosen(), max_age=COOKIE_SECONDS, httponly=True, samesite="Lax")
        response.vary.update(("Accept-Language", "Cookie"))
        return response

    app.context_processor(names)
    app.after_request(keep)
