"""The short cut in MiniStack's queries finds what MiniStack finds."""

from typing import Any

import pytest
from ministack.services.dynamodb import _evaluate_condition

from local.key_conditions import quick

CONDITION = "pk = :pk AND sk BETWEEN :first AND :last"
VALUES = {":pk": {"S": "one"}, ":first": {"S": "B"}, ":last": {"S": "M~"}}


def item(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@pytest.mark.parametrize("pk", ["one", "two"])
@pytest.mark.parametrize("sk", ["", "A", "AZ", "B", "B#1", "M", "M~", "M~~", "N", "Mé", "~"])
def test_a_key_is_found_by_both_ways_or_by_neither(pk: str, sk: str) -> None:
    found = _evaluate_condition(CONDITION, item(pk, sk), VALUES, {}, slot="KeyConditionExpression")
    shorter = quick(_evaluate_condition)(
        CONDITION, item(pk, sk), VALUES, {}, slot="KeyConditionExpression"
    )
    assert shorter is found


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("pk = :pk", {":pk": {"S": "one"}}),
        (CONDITION, {**VALUES, ":first": {"N": "1"}}),
        ("#p = :pk AND sk BETWEEN :first AND :last", VALUES),
    ],
)
def test_anything_else_is_left_to_ministack(condition: str, values: Any) -> None:
    asked: list[str] = []

    def evaluate(expression: str, *_: Any, **__: Any) -> bool:
        asked.append(expression)
        return True

    quick(evaluate)(condition, item("one", "C"), values, {}, slot="KeyConditionExpression")
    assert asked == [condition]


def test_other_conditions_are_not_touched() -> None:
    asked: list[str] = []

    def evaluate(expression: str, *_: Any, **__: Any) -> bool:
        asked.append(expression)
        return True

    quick(evaluate)(CONDITION, item("one", "C"), VALUES, {}, slot="FilterExpression")
    assert asked == [CONDITION]
