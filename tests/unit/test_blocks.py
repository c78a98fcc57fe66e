"""What can be quoted from passages of PDF, Markdown and HTML."""

import time

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.answers.blocks import Unit, plain, units
from frontdesk.answers.text import stem

GUIDE = """\
## Resetting a password

To reset your **password**:

1. Open [Settings](https://example.com/settings) and
   choose *Security*.
2. Click `Reset`.

| Plan | Price |
|------|------:|
| Pro  | €20   |

Refund times

How long do refunds take? They take five days [3].

```
curl -X POST
```
"""


def of_kind(kind: str, text: str = GUIDE) -> list[Unit]:
    return [unit for unit in units(text) if unit.kind == kind]


def test_steps_keep_their_numbers_and_lose_their_marks() -> None:
    assert [(unit.number, unit.text) for unit in of_kind("step")] == [
        (1, "Open Settings and choose Security."),
        (2, "Click `Reset`."),
    ]


def test_steps_know_the_sentence_that_introduces_them() -> None:
    introduction = units(GUIDE)[0]
    assert introduction.text == "To reset your password:"
    assert {unit.intro for unit in of_kind("step")} == {introduction.order}


def test_a_table_row_names_its_columns() -> None:
    assert [unit.text for unit in of_kind("row")] == ["Pro – Price: €20"]


def test_a_table_without_header_is_still_readable() -> None:
    assert [unit.text for unit in of_kind("row", "| Pro | €20 |")] == ["Pro · €20"]


def test_a_table_as_ingestion_writes_it_names_its_columns_too() -> None:
    table = (
        "| Solo | Pro\nPrice by month | €12 | €59\nPhone support |  | yes\n\nAll plans are fair."
    )
    found = units(table)
    assert [unit.text for unit in found] == [
        "Price by month – Solo: €12; Pro: €59",
        "Phone support – Pro: yes",
        "All plans are fair.",
    ]
    assert found[0].cells == (("", "Price by month"), ("Solo", "€12"), ("Pro", "€59"))


def test_a_long_line_of_bars_is_read_at_once() -> None:
    start = time.perf_counter()
    units("a | " * 2000 + "b|c")
    assert time.perf_counter() - start < 1


def test_a_label_is_not_cut_from_what_it_labels() -> None:
    assert [unit.text for unit in units("Buffer. Time kept free. Clients do not see it.")] == [
        "Buffer. Time kept free.",
        "Clients do not see it.",
    ]


def test_only_what_comes_first_under_a_heading_opens_its_section() -> None:
    found = units("Clients pay by card. At once.\n\nRefunds\n\nWrite to us soon. We pay back.")
    assert [unit.opens for unit in found] == [True, False, True, False]
    assert [stem("refunds") in unit.heading for unit in found] == [False, False, True, True]


def test_headings_and_questions_are_context_and_not_quoted() -> None:
    texts = [unit.text for unit in units(GUIDE)]
    assert not any("Resetting" in text or "Refund times" in text or "?" in text for text in texts)
    answer = next(unit for unit in units(GUIDE) if unit.text.startswith("They take"))
    assert stem("refunds") in answer.context


def test_an_answer_of_an_faq_loses_its_label() -> None:
    assert [unit.text for unit in units("Q: Is it free?\nA: Yes, for three people.")] == [
        "Yes, for three people."
    ]


def test_code_stays_as_it_is() -> None:
    assert [unit.text for unit in of_kind("code")] == ["curl -X POST"]


def test_code_that_a_passage_cuts_off_is_code() -> None:
    assert [unit.kind for unit in units("Run:\n```\nmake all\nmake test")] == ["sentence", "code"]


def test_hard_wrapped_lines_are_one_sentence() -> None:
    assert [unit.text for unit in units("Refunds are paid to\nthe card you used.")] == [
        "Refunds are paid to the card you used."
    ]


def test_references_and_emphasis_go_and_names_with_underscores_stay() -> None:
    assert plain("The **max_file_size** is *5* MB [12, 13].") == "The max_file_size is 5 MB."


def test_a_paragraph_after_a_list_is_not_part_of_its_last_item() -> None:
    found = units("- gift cards.\n- used goods.\nEverything else is refunded.")
    assert [unit.kind for unit in found] == ["item", "item", "sentence"]


@given(st.text(alphabet="aB1.-#|>*`[]()?: \n", max_size=300))
def test_any_text_is_cut_without_failing_and_in_order(text: str) -> None:
    found = units(text)
    assert [unit.order for unit in found] == list(range(len(found)))
    assert all(unit.text.strip() for unit in found)
    assert all(unit.intro is None or unit.intro < unit.order for unit in found)
