"""What an act gave, shown once."""

from flask import make_response, render_template
from werkzeug.wrappers import Response

from idp.console.acts.act import Act


def show_result(act: Act, result: dict[str, str], *, back: str) -> Response:
    """The page that shows a result; it is kept nowhere."""
    page = render_template("console/acts/result.html", title=act.title, result=result, back=back)
    return make_response(page)
