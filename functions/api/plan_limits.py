"""What an organisation's plan allows, for routes that use it up or ask for a feature."""

from dataclasses import dataclass
from typing import Any

from api.credentials import Allowed, AnyPrincipal, Principal
from api.services import AnyServices, Services
from frontdesk.billing.limits import not_included
from frontdesk.billing.plans import Feature, Plan

LIMITED: dict[int | str, dict[str, Any]] = {402: {"description": "The plan has no room for it."}}
"""For the `responses` of routes that may raise PlanLimit."""


@dataclass(frozen=True, slots=True)
class Entitled(Allowed):
    """The dependency of a route that asks for a permission and is part of some plans only."""

    feature: Feature

    def __call__(self, services: AnyServices, principal: AnyPrincipal) -> Principal:  # type: ignore[override]
        """The principal, if role and plan allow it. Raises Refused, PlanLimit."""
        self.check(principal)
        plan = plan_of(services, principal)
        if self.feature not in plan.features:
            raise not_included(plan, self.feature)
        return principal


def plan_of(services: Services, principal: Principal) -> Plan:
    """The plan that counts for the principal's organisation now."""
    return services.standings.of(principal.organization_id).plan
