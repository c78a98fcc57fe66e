"""Signing up, logging in, and all that keeps a login.

No answer, and no time it takes, tells whether there is an account with an address.
"""

import hashlib
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, ConfigDict

from api.access_tokens import ACCESS_SECONDS, Login, issue_access_token
from api.cookies import check_csrf, clear_cookies, refresh_token_of, set_cookies
from api.credentials import AnyPrincipal, Principal, client_address
from api.plan_limits import LIMITED
from api.problems import Unauthorized
from api.services import AnyServices, Services
from api.text_fields import Email, Line, OneTimeToken, Password
from frontdesk.access import passwords
from frontdesk.access.roles import ROLES, Permission, allows
from frontdesk.access.tokens import new_token
from frontdesk.billing.limits import no_seat
from frontdesk.entities import Actor, Organization, Role, User
from frontdesk.errors import Conflict, NotFound, Refused, StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.mail.jobs import AccountExistsMail, ResetMail, VerifyMail, WelcomeMail
from frontdesk.observability import logger
from frontdesk.tables.limits import Limit
from frontdesk.tables.sessions import LoginEnded, Refreshable
from frontdesk.tables.users import AddressTaken, actor_of, reset_binding

router = APIRouter(prefix="/api/auth", tags=["auth"])

_PER_ADDRESS = 3
"""People behind one address share it, so it may try more often than one account may be tried."""


_NOWHERE = ("nowhere", Actor(type="system", id="nobody", name=""))
"""For the record of a failed login to no account, which takes as long as one to an account."""


def limited(request: Request, services: AnyServices) -> None:
    """Use one of this address's tries. Raises RateLimited."""
    most = _PER_ADDRESS * services.rates.logins
    services.limits.use(Limit("auth-address", client_address(request), most))


_OPEN = [Depends(limited)]
"""For routes that anyone may call."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignUp(_Body):
    """A new organisation and its owner."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organization": "Harbor",
                    "name": "Ada Lovelace",
                    "email": "ada@harbor.example",
                    "password": "a long sentence to remember",
                }
            ]
        }
    )

    organization: Line
    name: Line
    email: Email
    password: Password


class Credentials(_Body):
    """Who wants to log in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@harbor.example", "password": "a long sentence to remember"}]
        }
    )

    email: Email
    password: Password


class Address(_Body):
    """Whose password was forgotten."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@harbor.example"}]})

    email: Email


class Proof(_Body):
    """The token of the link that was mailed, and the password that was chosen at signing up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "ot_Uq3Zr0aWm1b8cVxkLhT5yPnEoJdSfG27",
                    "password": "a long sentence to remember",
                }
            ]
        }
    )

    token: OneTimeToken
    password: Password


class Reset(_Body):
    """A new password, and the token of the link that was mailed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "ot_Uq3Zr0aWm1b8cVxkLhT5yPnEoJdSfG27",
                    "password": "another sentence to remember",
                }
            ]
        }
    )

    token: OneTimeToken
    password: Password


class Acceptance(_Body):
    """The token of an invitation, and who accepts it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "ot_Uq3Zr0aWm1b8cVxkLhT5yPnEoJdSfG27",
                    "name": "Grace Hopper",
                    "password": "a third sentence to remember",
                }
            ]
        }
    )

    token: OneTimeToken
    name: Line
    password: Password


class PasswordChange(_Body):
    """The password as it is and as it shall be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "current": "a long sentence to remember",
                    "new": "another sentence to remember",
                }
            ]
        }
    )

    current: Password
    new: Password


class Sent(BaseModel):
    """A mail is on its way, if there is reason to send one."""

    detail: str


class UserView(BaseModel):
    """Who is logged in."""

    id: str
    name: str
    email: str
    role: Role


class OrganizationView(BaseModel):
    """The organisation they work for."""

    id: str
    name: str


class LoggedIn(BaseModel):
    """An access token for 15 minutes. The refresh token is in a cookie no script can read.

    Send `csrf_token` as X-CSRF-Token to refresh or log out.
    """

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind, no password
    expires_in: int
    csrf_token: str
    user: UserView
    organization: OrganizationView


class Me(BaseModel):
    """Who is logged in, and what they may do. `notices`: whether they get mail of what happens."""

    user: UserView
    organization: OrganizationView
    permissions: list[Permission]
    notices: bool


class MeChange(_Body):
    """What to change about oneself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"notices": True}]})

    notices: bool


@router.post("/signup", dependencies=_OPEN, status_code=status.HTTP_202_ACCEPTED)
def sign_up(body: SignUp, services: AnyServices) -> Sent:
    """Create an organisation and its owner, who then proves their address by a mailed link."""
    _limit_account(services, body.email)
    passwords.check_strength(body.password, email=body.email)
    now = datetime.now(UTC)
    organization = Organization(id=new_id(), name=body.organization, created_at=now)
    owner = _new_user(
        services,
        organization.id,
        email=body.email,
        name=body.name,
        password=body.password,
        role="owner",
    )
    try:
        services.users.sign_up(organization, owner, widget_key=new_token("pk"))
    except AddressTaken:
        services.mail.put(AccountExistsMail(email=body.email))
    else:
        services.mail.put(VerifyMail(email=body.email))
    return Sent(detail="Look into your mailbox: a link in it proves that the address is yours.")


@router.post("/verify", dependencies=_OPEN)
def verify(body: Proof, services: AnyServices, response: Response) -> LoggedIn:
    """Prove an address with the link that was mailed there, and log in.

    Whoever clicks must be the one who signed up: else somebody could sign up with another's
    address, have them click, and hold an account in their name.
    """
    grant = services.tokens.read(body.token, "verify")
    user = _found(services, grant.organization_id, grant.subject)
    _limit_account(services, user.email)
    if not passwords.matches(body.password, user.password_hash, services.bcrypt_cost):
        raise Refused("This is not the password that was chosen at signing up.")
    services.tokens.spend(body.token, "verify")
    user = services.users.verify(user)
    try:
        services.mail.put(WelcomeMail(organization_id=user.organization_id, user_id=user.id))
    except StoreUnavailable as error:
        # The link is spent and the address proved: a greeting is no reason to send them away.
        logger.warning("no welcome", extra={"cause": str(error)})
    return _log_in(services, response, user)


@router.post("/login", dependencies=_OPEN)
def log_in(body: Credentials, services: AnyServices, response: Response) -> LoggedIn:
    """Log in with address and password."""
    _limit_account(services, body.email)
    user = services.users.find(body.email)
    hashed = user.password_hash if user else None
    if not passwords.matches(body.password, hashed, services.bcrypt_cost) or user is None:
        organization_id, actor = (user.organization_id, actor_of(user)) if user else _NOWHERE
        services.audit.add(organization_id, actor, "auth.login_failed")
        raise Unauthorized("Address and password do not belong together.")
    if user.verified_at is None:
        services.mail.put(VerifyMail(email=user.email))
        raise Refused("The address has not been proved yet. A new link is in your mailbox.")
    if passwords.is_outdated(user.password_hash, services.bcrypt_cost):
        fresh = passwords.hash_password(body.password, services.bcrypt_cost)
        user = services.users.set_password(user, fresh, actor_of(user), "auth.rehash")
    return _log_in(services, response, user)


@router.post("/refresh")
def refresh(request: Request, services: AnyServices, response: Response) -> LoggedIn:
    """Go on with a login: a new access token, and the next refresh token in the cookie."""
    token = refresh_token_of(request)
    try:
        family = services.sessions.look_up(token)
        check_csrf(request, family)
        login = services.sessions.rotate(family, token)
        user = services.users.get(family.organization_id, family.user_id)
    except (LoginEnded, NotFound) as error:
        raise Unauthorized("This login has ended. Log in again.") from error
    return _logged_in(services, response, user, login)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
def log_out(request: Request, services: AnyServices, response: Response) -> None:
    """End a login at once, with all its tokens. Safe to repeat."""
    try:
        family = services.sessions.look_up(refresh_token_of(request))
        user = services.users.get(family.organization_id, family.user_id)
    except (LoginEnded, NotFound, Unauthorized):
        clear_cookies(response)
        return
    check_csrf(request, family)
    services.sessions.end(family, actor_of(user))
    services.team.hang_up(user.organization_id, user.id, only=family.id)
    clear_cookies(response)


@router.get("/me")
def me(services: AnyServices, principal: AnyPrincipal) -> Me:
    """Who is logged in, for whom they work, and what they may do."""
    return _me(services, _person(services, principal))


@router.patch("/me")
def change_me(body: MeChange, services: AnyServices, principal: AnyPrincipal) -> Me:
    """Turn mail about what happens off, or on again."""
    user = services.users.set_notices(_person(services, principal), wanted=body.notices)
    return _me(services, user)


@router.post("/password", status_code=status.HTTP_204_NO_CONTENT)
def change_password(body: PasswordChange, services: AnyServices, principal: AnyPrincipal) -> None:
    """Replace one's own password. All other logins end."""
    user = _person(services, principal)
    _limit_account(services, user.email)
    if not passwords.matches(body.current, user.password_hash, services.bcrypt_cost):
        raise Refused("The current password is another one.")
    passwords.check_strength(body.new, email=user.email)
    fresh = passwords.hash_password(body.new, services.bcrypt_cost)
    user = services.users.set_password(user, fresh, actor_of(user), "auth.change_password")
    services.sessions.end_all(user, but=principal.family_id)
    services.team.hang_up(user.organization_id, user.id, but=principal.family_id)


@router.post("/forgot", dependencies=_OPEN, status_code=status.HTTP_202_ACCEPTED)
def forgot(body: Address, services: AnyServices) -> Sent:
    """Ask for a link that sets a new password."""
    _limit_account(services, body.email)
    services.mail.put(ResetMail(email=body.email))
    return Sent(detail="If there is an account with this address, a link is on its way to it.")


@router.post("/reset", dependencies=_OPEN, status_code=status.HTTP_204_NO_CONTENT)
def reset(body: Reset, services: AnyServices) -> None:
    """Set a new password with the link that was mailed. All logins end."""
    grant = services.tokens.read(body.token, "reset")
    user = _found(services, grant.organization_id, grant.subject)
    if grant.binding != reset_binding(user):
        raise Refused("The password was changed after this link was sent.")
    # Refusing a password leaves the link good for a better one.
    passwords.check_strength(body.password, email=user.email)
    fresh = passwords.hash_password(body.password, services.bcrypt_cost)
    services.tokens.spend(body.token, "reset")
    # Before and after: should this break off in between, no login is left with a lost password.
    services.sessions.end_all(user)
    user = services.users.set_password(user, fresh, actor_of(user), "auth.reset_password")
    # Whoever reads the mailbox has proved the address too.
    services.sessions.end_all(services.users.verify(user))
    services.team.hang_up(user.organization_id, user.id)


@router.post("/accept-invitation", dependencies=_OPEN, responses=LIMITED)
def accept_invitation(body: Acceptance, services: AnyServices, response: Response) -> LoggedIn:
    """Join the team that sent the invitation, and log in."""
    grant = services.tokens.read(body.token, "invitation")
    try:
        invitation = services.users.invitation(grant.organization_id, grant.subject)
    except NotFound as error:
        raise Refused("The invitation was withdrawn or replaced.") from error
    passwords.check_strength(body.password, email=invitation.email)
    user = _new_user(
        services,
        invitation.organization_id,
        email=invitation.email,
        name=body.name,
        password=body.password,
        role=invitation.role,
    ).model_copy(update={"verified_at": datetime.now(UTC)})
    plan = services.standings.of(invitation.organization_id).plan
    if not services.users.has_seat(invitation.organization_id, plan):
        # Before the token is spent: it is good again once there is a seat.
        raise no_seat(plan)
    services.tokens.spend(body.token, "invitation")
    services.users.join(invitation, user, plan=plan)
    return _log_in(services, response, user)


def _limit_account(services: Services, email: str) -> None:
    """Use one of an account's tries, whether there is such an account or not."""
    account = hashlib.sha256(email.encode()).hexdigest()
    services.limits.use(Limit("auth-hour", account, services.rates.logins_an_hour, seconds=3600))
    services.limits.use(Limit("auth-account", account, services.rates.logins))


def _new_user(
    services: Services,
    organization_id: str,
    *,
    email: str,
    name: str,
    password: str,
    role: Role,
) -> User:
    return User(
        id=new_id(),
        organization_id=organization_id,
        email=email,
        name=name,
        role=role,
        password_hash=passwords.hash_password(password, services.bcrypt_cost),
        created_at=datetime.now(UTC),
    )


def _found(services: Services, organization_id: str, user_id: str) -> User:
    try:
        return services.users.get(organization_id, user_id)
    except NotFound as error:
        raise Refused("There is no such account any more.") from error


def _person(services: Services, principal: Principal) -> User:
    if principal.family_id is None:
        raise Refused("A key is no person. Log in.")
    return services.users.get(principal.organization_id, principal.actor.id)


def _log_in(services: Services, response: Response, user: User) -> LoggedIn:
    try:
        login = services.sessions.begin(user)
    except LoginEnded as error:
        raise Conflict("The account was changed just now. Try again.") from error
    return _logged_in(services, response, user, login)


def _logged_in(services: Services, response: Response, user: User, login: Refreshable) -> LoggedIn:
    set_cookies(response, login)
    who = Login(user.organization_id, user.id, login.family.id)
    return LoggedIn(
        access_token=issue_access_token(services.signing_keys, who),
        expires_in=ACCESS_SECONDS,
        csrf_token=login.family.csrf,
        user=_user_view(user),
        organization=_organization_view(services, user),
    )


def _me(services: Services, user: User) -> Me:
    return Me(
        user=_user_view(user),
        organization=_organization_view(services, user),
        permissions=[permission for permission in ROLES if allows(user.role, permission)],
        notices=user.notices,
    )


def _user_view(user: User) -> UserView:
    return UserView(id=user.id, name=user.name, email=user.email, role=user.role)


def _organization_view(services: Services, user: User) -> OrganizationView:
    organization = services.organizations.get(user.organization_id)
    return OrganizationView(id=organization.id, name=organization.name)
