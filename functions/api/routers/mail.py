"""The link under notices: one click ends them, without a login (RFC 8058)."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.credentials import client_address
from api.services import AnyServices
from frontdesk.errors import NotFound, Refused
from frontdesk.tables.limits import Limit

router = APIRouter(prefix="/api/mail", tags=["mail"])

Token = Annotated[str, Query(pattern=r"^ot_[\w-]{32}$", description="From the link in the mail")]

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Frontdesk: notices by mail</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.05rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto;
  padding: 0 1.5rem }}
button {{ font: inherit; padding: 0.6rem 1.2rem; border: 0; border-radius: 0.5rem;
  background: #0f766e; color: #fff; cursor: pointer }}
</style>
<h1>{title}</h1>
<p>{text}</p>
{form}
</html>
"""

_FORM = (
    '<form method="post" action="?token={token}"><button>Send me no more notices</button></form>'
)


@router.get("/unsubscribe", response_class=HTMLResponse)
def ask_before_unsubscribing(token: Token) -> HTMLResponse:
    """Show a button. Following a link changes nothing: mail filters follow every one."""
    return _page(
        "No more notices?",
        "You would get no more mail about customers who wait, usage and trials. Mail about your "
        "account and payments goes on.",
        _FORM.format(token=escape(token)),
    )


@router.post("/unsubscribe", response_class=HTMLResponse)
def unsubscribe(request: Request, token: Token, services: AnyServices) -> HTMLResponse:
    """End notices to one member of a team. Safe to repeat; they can turn them on again."""
    most = services.rates.requests
    services.limits.use(Limit("unsubscribe", client_address(request), most))
    grant = services.tokens.read(token, "unsubscribe")
    try:
        user = services.users.get(grant.organization_id, grant.subject)
    except NotFound as error:
        raise Refused("There is no such account any more.") from error
    services.users.set_notices(user, wanted=False)
    return _page(
        "Done",
        "You get no more notices by mail. You can turn them on again when you are logged in.",
    )


def _page(title: str, text: str, form: str = "") -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=title, text=text, form=form), headers=_HEADERS)
