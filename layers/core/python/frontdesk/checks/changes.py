"""Has an organisation's checks run after its documents have changed."""

from dataclasses import dataclass

from frontdesk.checks.jobs import CheckQueue, DueJob
from frontdesk.errors import StoreUnavailable
from frontdesk.ids import new_id
from frontdesk.tables.accounts import Standings
from frontdesk.tables.checks import Checks


@dataclass(frozen=True, slots=True)
class DocumentChanges:
    """Notes changes. Those of the next `delay` seconds are covered by the same run.

    Organisations whose plan has no checks any more keep theirs, and none is run.
    """

    checks: Checks
    queue: CheckQueue
    standings: Standings
    delay: int = 60

    def note(self, organization_id: str) -> None:
        """Have the checks run in a while, if there are any and no run is due already.

        Safe to repeat: at worst the checks run once more. Raises StoreUnavailable; then nothing
        is due, and noting again is right.
        """
        if not self.checks.count(organization_id):
            return
        if not self.standings.of(organization_id).has("checks"):
            return
        run_id = new_id()
        if not self.checks.make_due(organization_id, run_id, seconds=self.delay):
            return
        try:
            self.queue.put(DueJob(organization_id=organization_id, run_id=run_id), delay=self.delay)
        except StoreUnavailable:
            self.checks.take_due(organization_id, run_id)
            raise
