"""`make demo`: one question over the real WebSocket API, answered in the terminal."""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from local.chat_client import ChatClient
from local.documents_client import Document, DocumentsClient
from local.seed import Sample

QUESTION = "How do I reset my password?"


class DemoFailed(Exception):
    """The demo did not get what it asked for. The text says why."""


def upload(api_url: str, sample: Sample, path: Path, console: Console) -> None:
    """Upload a file as the dashboard does and wait until it answers. Raises DemoFailed."""
    if not path.is_file():
        raise DemoFailed(f"There is no file {path}.")
    documents = DocumentsClient(api_url=api_url, team_key=sample.team_key)
    known = {document["filename"]: document["id"] for document in documents.list()}
    document = documents.upload(path, replaces=known.get(path.name))
    console.print(f"Uploaded {path.name}", style="dim")
    document = documents.wait(
        document["id"], on_change=lambda now: console.print(_status(now), style="dim")
    )
    if document["status"] == "failed":
        raise DemoFailed(f"{path.name}: {document['error']}")


def ask(api_url: str, origin: str, sample: Sample, question: str, console: Console) -> None:
    """Ask, and print the answer as it streams. Raises DemoFailed."""
    console.print(f"\n[bold]You[/bold]  {question}\n", highlight=False)
    with ChatClient(api_url=api_url, key=sample.widget_key, origin=origin) as client:
        assistant = client.open_session()["widget"]["assistant"]
        client.connect()
        console.print(f"[bold]{assistant}[/bold]  ", end="", highlight=False)
        shown = ""
        for frame in client.ask(question):
            match frame:
                case {"type": "delta", "from": first, "text": text}:
                    if first == 1 and shown:
                        console.print("\n", end="")
                        shown = ""
                    shown += text
                    # Straight to the terminal: rich would take [1] for markup.
                    sys.stdout.write(text)
                    sys.stdout.flush()
                case {"type": "done", "message": message}:
                    _show_end(message, shown, console)
                    return
                case {"type": "resumed", "messages": [*_, message]}:
                    if message["role"] == "assistant":
                        _show_end(message, shown, console)
                        return
                case {"type": "error", "message": reason}:
                    raise DemoFailed(reason)
    raise DemoFailed("The answer did not arrive.")


def _show_end(message: dict[str, Any], shown: str, console: Console) -> None:
    if message["text"] != shown:
        sys.stdout.write(("\n\n" if shown else "") + message["text"])
    sys.stdout.write("\n\n")
    sys.stdout.flush()
    for citation in message.get("citations", ()):
        where = " › ".join([citation["title"], *citation["headings"]])
        page = f", page {citation['page']}" if citation.get("page") else ""
        console.print(f"  [{citation['number']}] {where}{page}", markup=False, highlight=False)
    sentiment = message.get("sentiment")
    facts = [
        f"confidence {message['confidence']:.2f}" if "confidence" in message else "",
        f"sentiment {sentiment['label']} ({sentiment['score']:+z.2f})" if sentiment else "",
        f"by {message['model']}" if "model" in message else "",
    ]
    console.print("  " + " · ".join(fact for fact in facts if fact), style="dim", highlight=False)


def _status(document: Document) -> str:
    progress = document["progress"]
    share = f" {progress['done']} of {progress['total']}" if progress else ""
    return f"  {document['status'].replace('_', ' ')}{share}"
