"""Organisations, and the versions of their documents that must not answer."""

from collections.abc import Collection

from frontdesk.entities import Organization
from frontdesk.errors import NotFound
from frontdesk.tables.client import ConditionFailed, Put, Table, Update


class Organizations:
    """Reads and writes organisations."""

    def __init__(self, table: Table) -> None:
        """Works on `table`."""
        self._table = table

    def create(self, organization: Organization) -> bool:
        """Store a new organisation. False if there is one with this id, which is left alone."""
        partition = f"ORG#{organization.id}"
        try:
            self._table.transact(
                Put(
                    (partition, "ORG"),
                    organization.model_dump(mode="json", exclude_none=True),
                    condition="attribute_not_exists(pk)",
                ),
                Put((partition, "HIDDEN"), {"versions": {}}),
            )
        except ConditionFailed:
            return False
        return True

    def get(self, organization_id: str) -> Organization:
        """The organisation. Raises NotFound."""
        item = self._table.get((f"ORG#{organization_id}", "ORG"))
        if item is None:
            raise NotFound("There is no such organisation.")
        return Organization.model_validate(item)

    def get_with_hidden_versions(self, organization_id: str) -> tuple[Organization, frozenset[str]]:
        """The organisation and the document versions that must not answer, in one read.

        Raises NotFound.
        """
        items = {
            item["sk"]: item
            for item in self._table.query(f"ORG#{organization_id}", first="HIDDEN", last="ORG")
        }
        if "ORG" not in items:
            raise NotFound("There is no such organisation.")
        return Organization.model_validate(items["ORG"]), frozenset(items["HIDDEN"]["versions"])


def change_hidden_versions(
    organization_id: str, *, hide: Collection[str] = (), show: Collection[str] = ()
) -> Update:
    """The update that keeps versions out of every search, and lets others in, in one step."""
    hide, show = sorted(set(hide)), sorted(set(show))
    parts = []
    if hide:
        parts.append("SET " + ", ".join(f"versions.#{version} = :hidden" for version in hide))
    if show:
        parts.append("REMOVE " + ", ".join(f"versions.#{version}" for version in show))
    return Update(
        (f"ORG#{organization_id}", "HIDDEN"),
        " ".join(parts),
        {"hidden": 1} if hide else {},
        names=(*hide, *show),
    )
