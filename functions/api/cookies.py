"""The two cookies of a login, and the check that a request comes from our own pages.

The `__Host-` prefix has browsers refuse them unless they are Secure, for this host alone, and for
every path.
"""

import secrets

from fastapi import Request, Response

from api.problems import Unauthorized
from frontdesk.access.tokens import hash_token
from frontdesk.errors import Refused
from frontdesk.tables.sessions import REFRESH_SECONDS, Family, Refreshable

REFRESH_COOKIE = "__Host-frontdesk_refresh"
CSRF_COOKIE = "__Host-frontdesk_csrf"
CSRF_HEADER = "X-CSRF-Token"
_SEEN = 8


def set_cookies(response: Response, login: Refreshable) -> None:
    """Hand out the refresh token, which no script can read, and the CSRF token, which ours must.

    What follows the CSRF token's dot is another one each time: a page that was opened while the one
    before it was refreshing sees by it that the new cookies are there.
    """
    seen = hash_token(login.refresh_token)[:_SEEN]
    for name, value, hidden in (
        (REFRESH_COOKIE, login.refresh_token, True),
        (CSRF_COOKIE, f"{login.family.csrf}.{seen}", False),
    ):
        response.set_cookie(
            name,
            value,
            max_age=REFRESH_SECONDS,
            path="/",
            secure=True,
            httponly=hidden,
            samesite="strict",
        )


def clear_cookies(response: Response) -> None:
    """Have the browser forget both."""
    for name in (REFRESH_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, path="/", secure=True, samesite="strict")


def refresh_token_of(request: Request) -> str:
    """The refresh token that the browser sent. Raises Unauthorized."""
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise Unauthorized("There is no login to refresh. Log in.")
    return token


def check_csrf(request: Request, family: Family) -> None:
    """Raises Refused unless the request carries the login's CSRF token in its header."""
    sent = request.headers.get(CSRF_HEADER, "").partition(".")[0]
    if not secrets.compare_digest(sent.encode(), family.csrf.encode()):
        raise Refused(f"Send the value of the cookie {CSRF_COOKIE} as {CSRF_HEADER}.")
