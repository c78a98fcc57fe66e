"""Every language says all there is to say, and writes dates and amounts its own way."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from jinja2 import Environment, meta

from mail.catalogue import TEXTS, Kind, catalogue_of, first_of_next, language_of, languages

ENGLISH = catalogue_of("en")
OTHERS = sorted(languages() - {"en"})


def texts_of(language: str) -> dict[str, Any]:
    return tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Texts by where they stand; paragraphs of a list count as one text."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from flat(inner, f"{name}.{key}")
        case list():
            yield name, "\n".join(value)
        case str():
            yield name, value


def placeholders(text: str) -> set[str]:
    environment = Environment(autoescape=True)
    for name in ("date", "month", "number", "money"):
        environment.filters[name] = str
    return set(meta.find_undeclared_variables(environment.parse(text)))


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_language_has_every_mail(language: str) -> None:
    assert set(catalogue_of(language).letters) == set(get_args(Kind))


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_lacks_no_text_and_no_placeholder(language: str) -> None:
    english, other = (dict(flat(texts_of(each))) for each in ("en", language))
    assert set(english) == set(other)
    for where, text in english.items():
        if where.startswith(".formats"):
            continue
        assert other[where].strip(), where
        assert placeholders(text) == placeholders(other[where]), where


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_not_left_in_english(language: str) -> None:
    english, other = (dict(flat(texts_of(each))) for each in ("en", language))
    same = [
        where
        for where, text in english.items()
        if text == other[where] and not where.startswith(".formats") and len(text) > 12
    ]
    assert same == []


@pytest.mark.parametrize(
    ("language", "day", "first", "number", "amount"),
    [
        ("en", "28 November 2026", "1 December 2026", "12,500", "US$1,399.50"),
        ("de", "28. November 2026", "1. Dezember 2026", "12.500", "1.399,50 US-$"),
        ("fr", "28 novembre 2026", "1er décembre 2026", "12\u202f500", "1\u202f399,50 $ US"),
        ("es", "28 de noviembre de 2026", "1 de diciembre de 2026", "12\u202f500", None),
    ],
)
def test_dates_and_amounts_are_written_as_people_write_them(
    language: str, day: str, first: str, number: str, amount: str | None
) -> None:
    formats = catalogue_of(language).formats
    assert formats.write_date(datetime(2026, 11, 28, tzinfo=UTC)) == day
    assert formats.write_date(first_of_next("2026-11")) == first
    assert formats.write_number(12_500) == number
    assert amount is None or formats.write_money(139_950) == amount


def test_the_month_after_december_is_in_the_next_year() -> None:
    assert first_of_next("2026-12") == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        (("de", "en"), "de"),
        (("de-CH",), "de"),
        (("pt-BR", "es"), "en"),
        ((), "en"),
        (("zh-Hant-TW",), "en"),
    ],
)
def test_the_first_language_counts_and_english_stands_in(
    tags: tuple[str, ...], language: str
) -> None:
    assert language_of(tags) == language
