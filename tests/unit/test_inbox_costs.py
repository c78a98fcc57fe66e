"""What the inbox costs does not depend on how much is stored."""

import pytest

from tests.unit.inbox_costs import CUSTOMER, costs


@pytest.mark.slow
def test_no_route_reads_or_writes_more_where_twice_as_much_is_stored() -> None:
    """From where there is more of everything than a page of a list may look at."""
    some, twice = costs(1_300), costs(2_600)
    assert some == twice
    for name, cost in some.items():
        most = {"counts": 1_600, f"list: customer={CUSTOMER}": 1_100}.get(name, 650)
        assert sum(cost.calls.values()) <= 12, name
        assert cost.read <= most, name
        assert cost.written <= 8, name
