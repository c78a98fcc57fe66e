"""Paying on the whole stack: API, Stripe's stand-in and its pages, webhook, worker, and mail."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from local import mailbox
from local.stack import Stack

pytestmark = pytest.mark.stack

PASSWORD = "a long sentence to remember"
CARD = {"expiry": "12 / 40", "cvc": "123", "email": "ada@harbor.example", "name": "Ada"}
SECONDS = 60.0


class Team:
    """The owner of an organisation that has just signed up."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack = stack
        self.address = f"owner@{name}.example"
        self.http = httpx.Client(timeout=60, trust_env=False)
        person = {"organization": name, "name": "Ada", "email": self.address, "password": PASSWORD}
        assert self.http.post(f"{stack.api_url}/auth/signup", json=person).status_code == 202
        token = self.until(lambda: re.findall(r"#verify=(ot_[\w-]+)", self.mailed()))[-1]
        proof = {"token": token, "password": PASSWORD}
        login = self.http.post(f"{stack.api_url}/auth/verify", json=proof)
        assert login.status_code == 200, login.text
        self.http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"

    def mailed(self) -> str:
        """Everything that was mailed to the owner."""
        return "\n".join(f"{mail.subject}\n{mail.text}" for mail in self.mails())

    def mails(self) -> list[mailbox.SentMail]:
        sent = mailbox.sent(self.stack.endpoint_url)
        return [mail for mail in sent if self.address in mail.to]

    def state(self) -> Any:
        answer = self.http.get(f"{self.stack.api_url}/payments/subscription")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def page(self, kind: str, **body: object) -> str:
        answer = self.http.post(f"{self.stack.api_url}/payments/{kind}", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])

    def pay(self, page: str, number: str = "4242 4242 4242 4242") -> httpx.Response:
        return httpx.post(page, data={**CARD, "number": number, "do": "pay"}, trust_env=False)

    def confirm(self, page: str) -> httpx.Response:
        """Press the first button of a page of the portal."""
        form = re.findall(r"<form.*?</form>", httpx.get(page, trust_env=False).text, re.S)[0]
        fields = dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"', form))
        return httpx.post(page, data=fields, trust_env=False)

    def until(self, found: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            value = found()
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f"it did not come within {SECONDS} s: {self.state()}")


@pytest.fixture
def new_team(stack: Stack) -> Iterator[Callable[[str], Team]]:
    teams: list[Team] = []

    def make(name: str) -> Team:
        teams.append(Team(stack, name))
        return teams[-1]

    yield make
    for team in teams:
        team.http.close()


def secrets_of(stack: Stack) -> Any:
    stored = stack.client("secretsmanager").get_secret_value(SecretId=stack.outputs["SecretArn"])
    return json.loads(stored["SecretString"])


def at_stripe(stack: Stack) -> Any:
    """Stripe's SDK, as the one who advances its clock would use it."""
    key = secrets_of(stack)["stripe_secret_key"]
    base = f"{stack.endpoint_url}/_stripe"
    return stripe.StripeClient(key, base_addresses={"api": base}).v1


def advance(stack: Stack, days: int) -> None:
    page = f"{stack.endpoint_url}/_stripe/"
    answer = httpx.post(page, data={"do": "days", "days": str(days)}, trust_env=False)
    assert answer.is_redirect, answer.text


def test_an_organisation_subscribes_pays_uses_and_leaves(
    stack: Stack, new_team: Callable[[str], Team]
) -> None:
    team = new_team("dover")
    assert team.state()["plan"]["name"] == "free"
    runs = f"{stack.api_url}/checks/runs"
    assert team.http.post(runs).status_code == 402

    first = team.page("checkout", plan="starter")
    page = team.page("checkout", plan="pro")
    assert not team.pay(first).is_redirect, "an earlier page can still be paid on"
    assert "insufficient" in team.pay(page, "4000 0000 0000 9995").text.lower()
    assert team.state()["plan"]["name"] == "free"
    paid = team.pay(page)
    assert paid.headers["location"].startswith(f"{stack.site_url}/billing.html?checkout=done")
    team.until(lambda: team.state()["plan"]["name"] == "pro")
    assert team.http.post(runs).status_code != 402
    again = team.http.post(f"{stack.api_url}/payments/checkout", json={"plan": "pro"})
    assert again.status_code == 409

    team.confirm(team.page("portal", plan="starter"))
    team.until(lambda: team.state()["subscription"]["next_plan"] == "starter")
    assert team.state()["plan"]["name"] == "pro"
    advance(stack, 31)
    team.until(lambda: team.state()["plan"]["name"] == "starter")

    team.confirm(team.page("portal", cancel=True))
    team.until(lambda: team.state()["subscription"]["cancel_at"])
    assert team.state()["plan"]["name"] == "starter"
    advance(stack, 31)
    team.until(lambda: team.state()["plan"]["name"] == "free")
    team.until(lambda: len(team.mails()) >= 6)
    subjects = [mail.subject for mail in team.mails()]
    assert len(subjects) == len(set(subjects)), subjects
    assert sum("Pro" in subject for subject in subjects) == 1


def test_a_storm_of_events_with_repeats_comes_to_one_state_and_one_mail(
    stack: Stack, new_team: Callable[[str], Team]
) -> None:
    """Signed by another implementation than the stand-in's, twenty at a time."""
    team = new_team("storm")
    team.pay(team.page("checkout", plan="pro"))
    team.until(lambda: team.state()["plan"]["name"] == "pro")
    team.until(lambda: any("Pro" in mail.subject for mail in team.mails()))
    customers = at_stripe(stack).customers.list({"email": team.address}).data
    (customer,) = customers
    (found,) = at_stripe(stack).subscriptions.list({"customer": customer.id}).data
    secret = secrets_of(stack)["stripe_webhook_secret"]
    about = {"id": found.id, "object": "subscription", "customer": customer.id}
    kinds = ("customer.subscription.updated", "customer.subscription.created", "customer.updated")
    bodies = [
        json.dumps(
            {
                "id": f"evt_storm_{number}",
                "type": kinds[number % 3],
                "data": {"object": about if number % 3 < 2 else {"id": customer.id}},
            }
        ).encode()
        for number in range(70)
    ]

    def post(body: bytes) -> int:
        now = int(time.time())
        digest = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        return httpx.post(
            f"{stack.api_url}/payments/webhook",
            content=body,
            headers={"Stripe-Signature": f"t={now},v1={digest}"},
            timeout=300,
            trust_env=False,
        ).status_code

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(post, [*bodies, *bodies[:30]])) == {200}
    forged = httpx.post(
        f"{stack.api_url}/payments/webhook",
        content=bodies[0],
        headers={"Stripe-Signature": f"t={int(time.time())},v1={'0' * 64}"},
        timeout=60,
        trust_env=False,
    )
    assert forged.status_code == 400

    table = stack.client("dynamodb")

    def outcomes() -> list[str]:
        keys = [
            {"pk": {"S": f"EVENT#stripe#evt_storm_{number}"}, "sk": {"S": "EVENT"}}
            for number in range(70)
        ]
        name = stack.outputs["TableName"]
        read = table.batch_get_item(RequestItems={name: {"Keys": keys}})["Responses"][name]
        done = [item["outcome"]["S"] for item in read if "outcome" in item]
        return done if len(done) == 70 else []

    done = team.until(outcomes)
    assert set(done) == {"unchanged", "nothing to do"}
    assert sum("Pro" in mail.subject for mail in team.mails()) == 1
    depth = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["BillingDlqUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert depth["Attributes"]["ApproximateNumberOfMessages"] == "0"
