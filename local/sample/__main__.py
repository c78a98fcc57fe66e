"""Gives a running stack's sample organisation its past, in a process of its own.

The clock of this process is set. `python -m local.sample` with a JSON object on standard input;
prints how many conversations there are.
"""

import json
import os
import sys

from local.layout import ROOT

sys.path[:0] = [str(ROOT / "layers" / "core" / "python"), str(ROOT / "functions")]
os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "CRITICAL")

if __name__ == "__main__":
    from frontdesk.settings import AnswerSettings
    from frontdesk.tables.client import Table
    from local.clients import Clients
    from local.sample.history import give_history, open_models

    order = json.load(sys.stdin)
    clients = Clients(order["endpoint_url"])
    settings = AnswerSettings.read(order["environment"])
    print(
        give_history(
            Table(clients.client("dynamodb"), settings.table),
            order["organization_id"],
            open_models(settings),
            password_hash=order["password_hash"],
        )
    )
