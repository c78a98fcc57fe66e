"""Which price at Stripe stands for which plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontdesk.entities import PaidPlan


@dataclass(frozen=True, slots=True)
class Prices:
    """Price ids by plan. The first of a plan is sold; the others are known from before."""

    by_plan: Mapping[PaidPlan, Sequence[str]]

    @classmethod
    def of(cls, setting: Mapping[PaidPlan, str | list[str]]) -> "Prices":
        """As `stripe_prices` of the settings has them. Raises ValueError for one that is twice."""
        by_plan = {plan: [ids] if isinstance(ids, str) else ids for plan, ids in setting.items()}
        every = [price for ids in by_plan.values() for price in ids]
        if len(set(every)) < len(every):
            raise ValueError("a price id stands for two plans")
        return cls(by_plan)

    def sold(self, plan: PaidPlan) -> str | None:
        """The price a plan is sold at, if it is."""
        return next(iter(self.by_plan.get(plan, ())), None)

    def plan_of(self, price_id: str) -> PaidPlan | None:
        """The plan a price stands for, if any."""
        return next((plan for plan, ids in self.by_plan.items() if price_id in ids), None)
