"""Whatever happens to documents, and in what order: what is counted is what is there."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.billing.plans import PLANS
from frontdesk.entities import Document, Organization
from frontdesk.errors import PlanLimit
from frontdesk.ids import new_id
from frontdesk.tables.accounts import stored
from frontdesk.tables.documents import Documents, Superseded
from frontdesk.tables.organizations import Organizations
from tests.aws import empty_table

PLAN = replace(PLANS["free"], documents=2, storage=20)

STEPS = st.tuples(
    st.sampled_from(["create", "upload", "fetch", "fail", "publish", "delete", "remove"]),
    st.integers(0, 2),
    st.integers(0, 12),
)


def take(documents: Documents, organization_id: str, step: str, which: int, size: int) -> None:
    """Do one thing to one of the documents, if it can be done to it."""
    if step == "create":
        now = datetime.now(UTC)
        document = Document(
            id=new_id(),
            organization_id=organization_id,
            title="Guide",
            filename="guide.md",
            size=size,
            pending_version=new_id(),
            created_at=now,
            updated_at=now,
        )
        documents.create(document, plan=PLAN)
        return
    listed, _ = documents.page(organization_id, after=None, limit=10)
    if not listed:
        return
    document = listed[which % len(listed)]
    version = document.pending_version
    going = document.status == "deleting"
    match step:
        case "upload" if not going:
            documents.begin_version(
                document, version=new_id(), filename="guide.md", size=size, plan=PLAN
            )
        case "fetch" if not going:
            documents.note_file(
                organization_id, document.id, version, filename="guide.md", size=size, plan=PLAN
            )
        case "fail" if not going:
            documents.fail(organization_id, document.id, version, "unreadable")
        case "publish" if not going:
            documents.publish(document, version, pages=1, passages=1)
        case "delete" if not going:
            documents.mark_deleting(document)
        case "remove" if going:
            documents.remove(document)


@given(steps=st.lists(STEPS, min_size=3, max_size=25))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_the_counts_are_those_of_the_documents_and_never_over_the_plan(
    steps: list[tuple[str, int, int]],
) -> None:
    with empty_table() as table:
        organization_id, documents = new_id(), Documents(table)
        Organizations(table).create(Organization(id=organization_id, name="Harbor"))
        for step, which, size in steps:
            with suppress(PlanLimit, Superseded):
                take(documents, organization_id, step, which, size)
            listed, _ = documents.page(organization_id, after=None, limit=10)
            alive = [each for each in listed if each.status != "deleting"]
            counted = len(alive), sum(each.stored_bytes for each in alive)
            assert stored(table, organization_id) == counted, step
            assert counted[0] <= 2
            assert counted[1] <= 20
