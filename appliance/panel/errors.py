"""Error pages: short, in the reader's language."""

from __future__ import annotations

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException

from appliance.panel.catalogue import CATALOGUES
from appliance.panel.language import chosen


def register(app: Flask) -> None:
    """Answer every HTTP error with our page."""

    def answer(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        catalogue = CATALOGUES[chosen()]
        text = catalogue.get(f"error.{code}", catalogue["error.other"])
        return render_template("error.html", code=code, text=text), code

    app.register_error_handler(HTTPException, answer)
