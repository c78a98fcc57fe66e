"""Words, stems and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.text import asked, excerpt, sentences, stem, terms, topics, words


@pytest.mark.parametrize(
    "forms",
    [
        "refund refunds refunded refunding",
        "cancel cancelled cancelling cancellation",
        "deliver delivery delivered deliveries delivering",
        "locate location located locations",
        "subscribe subscription subscribed",
        "pay paid payment payments",
        "activate activation activated",
        "describe description",
        "organise organize organisation organization",
        "policy policies",
        "stop stopped stopping",
        "company companies",
    ],
)
def test_forms_of_one_word_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["bank ban", "price prize", "ship shop", "status state", "is as"])
def test_different_words_keep_different_stems(pair: str) -> None:
    first, second = pair.split()
    assert stem(first) != stem(second)


def test_words_are_folded_and_possessives_lose_their_s() -> None:
    assert words("The Café’s opening: 9:30!") == ["the", "cafe", "opening", "9:30"]


def test_languages_without_spaces_match_by_pairs_of_characters() -> None:
    assert set(terms("退货需要几天")) & set(terms("如何退货"))


def test_politeness_is_not_what_is_asked() -> None:
    assert asked("Hi, could you please help me find the invoice?") == asked("invoice")


def test_a_question_of_nothing_but_politeness_keeps_it() -> None:
    assert asked("Help!") == [stem("help")]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("Dr. Smith met the U.S. envoy at 5 p.m. on Monday. They talked.", 2),
        ("It costs 3.50 euros, e.g. for 2.5 kg. Really.", 2),
        ('"Why?" he asked. Nobody knew.', 2),
        ("See no. 5 and J. Doe (no. 6).", 1),
        ("退货需要五天。谢谢！", 2),
        ("No full stop at the end", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_words_for_the_same_thing_are_one_topic() -> None:
    assert topics(terms("How much does it cost?"))[-1] == topics(terms("The prices"))[0]
    assert topics(["zebra"]) == ("zebra",)


@given(st.text())
def test_no_text_gets_lost_between_sentences(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(st.text(alphabet="ab 我.", max_size=200), st.integers(20, 60))
def test_an_excerpt_is_never_longer_than_asked(text: str, limit: int) -> None:
    cut = excerpt(text, frozenset({"ab"}), limit)
    assert len(cut) <= limit
    assert cut == text or "…" in cut


def test_an_excerpt_shows_what_was_wanted() -> None:
    text = "filler " * 100 + "the parcel arrives " + "filler " * 100
    assert "parcel arrives" in excerpt(text, frozenset(terms("parcel arrives")), 60)
