"""Whatever text somebody sends, reading it takes time in step with its length.

A function that needs text and nothing else is found by its annotations and checked from the day it
is written. One that needs more is called in `untrusted_text`.
"""

from collections.abc import Iterator

import pytest

from tests.unit.stopwatch import Stopwatch, TooSlow, functions_of_text

pytestmark = pytest.mark.slow

PACKAGES = (
    *("tests.unit.untrusted_text", "frontdesk", "api", "chat", "checks", "ingest", "mail"),
    *("sentiment", "upkeep", "webhooks"),
)

NOT_OF_THEIRS = {
    "api.access_tokens:load_signing_secrets",
    "frontdesk.answers.harmless:is_hidden",
    "frontdesk.aws:create_client",
    "frontdesk.knowledge.question_groups:similarity_threshold",
    "frontdesk.secrets:read_provider_keys",
}
"""Take names and ids of the deployment's, or a single character."""


@pytest.fixture(scope="module")
def stopwatch() -> Iterator[Stopwatch]:
    stopwatch = Stopwatch()
    yield stopwatch
    stopwatch.close()


def _functions() -> list[str]:
    found = {each for package in PACKAGES for each in functions_of_text(package)}
    return sorted(found - NOT_OF_THEIRS)


@pytest.mark.parametrize("function", _functions())
def test_time_grows_no_faster_than_the_text(function: str, stopwatch: Stopwatch) -> None:
    stopwatch.check(function)


def test_what_backtracks_without_end_is_stopped(stopwatch: Stopwatch) -> None:
    with pytest.raises(TooSlow, match="did not come back"):
        stopwatch.check("tests.unit.slow_text:endless")
    with pytest.raises(TooSlow, match="quadratic takes"):
        stopwatch.check("tests.unit.slow_text:quadratic")
