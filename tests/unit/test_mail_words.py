"""What people wrote, within our sentences and headers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.catalogue import languages
from mail.stationery import Letter, lay_out
from mail.words import one_line, unlinked

LINK = re.compile(r"https?://\S|www\.\w|[\w-]+\.[a-z]{2,}|\w@\w")
"""What a mail program would make a link of, generously."""


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("kind", ["verify", "welcome", "reset", "account_exists"])
@pytest.mark.parametrize(
    "name",
    [
        "Win at https://evil.example/x",
        "www.evil.example",
        "evil.example",
        "mail me@evil.example",
        "http://10.0.0.1/x",
        "evil\u3002example",
    ],
)
def test_a_web_address_in_a_name_is_no_link(language: str, kind: str, name: str) -> None:
    letter = Letter(
        kind=kind,  # type: ignore[arg-type]
        language=language,
        audience="account",
        values={"name": name, "organization": name},
    )
    mail = lay_out(letter, "sam@example.org")
    hosts = ("evil.example", "evil\u3002example", "10.0.0.1")
    assert not any(
        host in page for host in hosts for page in (mail.text, mail.html.split("<body")[1])
    )
    assert not LINK.search(mail.text)


@pytest.mark.parametrize("name", ["Dr. Ada King-Noel", "O'Neill & Söhne GmbH", "می‌خواهم", "👩‍👩‍👧"])
def test_a_name_looks_as_it_was_written(name: str) -> None:
    assert one_line(name) == name
    assert unlinked(name) == name


@given(name=st.text())
def test_a_name_turns_and_breaks_no_sentence_of_ours(name: str) -> None:
    letter = Letter(
        kind="welcome",
        language="en",
        audience="account",
        values={"name": f"A{name}", "organization": "Harbor"},
    )
    mail = lay_out(letter, "sam@example.org")
    assert "\nyour address is proved and Harbor is ready." in mail.text
    assert mail.text.splitlines()[0].startswith("Hello A")
    assert mail.text.splitlines()[0].endswith(",")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", mail.text + mail.subject)
    assert unlinked(one_line(name)).replace("\u2060", "") == one_line(name)
