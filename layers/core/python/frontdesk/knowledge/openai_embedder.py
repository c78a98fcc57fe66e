"""Embeddings from OpenAI, or from any server that speaks its API."""

import math
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from frontdesk.errors import EmbedderUnavailable
from frontdesk.knowledge.ports import Vector

if TYPE_CHECKING:
    from openai import OpenAI

OPENAI_URL = "https://api.openai.com/v1"

# OpenAI takes 8,192 tokens for a text and 300,000 for a request. A token is at least a byte, so
# these bounds hold for any text, without counting tokens.
_BYTES_PER_TEXT = 8_000
_BYTES_PER_REQUEST = 300_000
_TEXTS_PER_REQUEST = 128

# OpenAI refuses an empty text; nothing is what this stands for.
_NOTHING = "-"


class OpenAiEmbedder:
    """An embedding model behind OpenAI's API. Safe to share between threads.

    What is refused for load (429), fails (5xx) or times out is tried again up to `max_retries`
    times, with the SDK's pauses. Only the first 8,000 bytes of a text are read.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | str,
        model: str,
        base_url: str | None = None,
        dimensions: int | None = None,
        timeout: float = 10.0,
        max_retries: int = 2,
    ) -> None:
        """Nothing is sent before the first use.

        `base_url` None means OpenAI itself. `dimensions` asks the model for shorter vectors, which
        not every model and server can do; None takes its own. `timeout` is in seconds, for one
        attempt.
        """
        self._api_key = api_key
        self._model = model
        self._base_url = base_url or OPENAI_URL
        self._options: dict[str, Any] = {} if dimensions is None else {"dimensions": dimensions}
        self._dimensions = dimensions
        self._timeout = timeout
        self._max_retries = max_retries
        self._lock = Lock()
        self._opened: OpenAI | None = None

    @property
    def dimensions(self) -> int:
        """Length of every vector. Asks the server when nothing was embedded yet."""
        if self._dimensions is None:
            self.embed([_NOTHING])
        if self._dimensions is None:
            raise EmbedderUnavailable(f"{self._model}: no vector came back")
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One unit vector per text, in order. Raises EmbedderUnavailable."""
        return [vector for batch in _batches(texts) for vector in self._embed(batch)]

    def close(self) -> None:
        """Close the connections that are kept for the next text."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _embed(self, texts: list[str]) -> list[Vector]:
        import httpx2  # noqa: PLC0415 - comes with the SDK, which takes a second to import
        import openai  # noqa: PLC0415 - see above

        try:
            answer = self._client().embeddings.create(
                model=self._model,
                input=texts,
                # Every server knows this one.
                encoding_format="float",
                **self._options,
            )
        # The SDK passes on what its HTTP client raises before and after a response, and
        # ValueError for a response without vectors.
        except (
            openai.OpenAIError,
            httpx2.HTTPError,
            httpx2.InvalidURL,
            ValueError,
            RecursionError,
        ) as error:
            raise EmbedderUnavailable(f"{self._model}: {_cause(error)}") from None
        vectors = _vectors(answer)
        if len(vectors) != len(texts) or {len(v) for v in vectors} != {
            self._dimensions or len(vectors[0])
        }:
            raise EmbedderUnavailable(f"{self._model}: not one vector of the right length per text")
        self._dimensions = len(vectors[0])
        return [self._unit(vector) for vector in vectors]

    def _unit(self, vector: list[float]) -> Vector:
        length = math.hypot(*vector)
        if not (math.isfinite(length) and length > 0):
            raise EmbedderUnavailable(f"{self._model}: a vector without direction came back")
        return [value / length for value in vector]

    def _client(self) -> "OpenAI":
        """The SDK's client, made at the first use."""
        with self._lock:
            if self._opened is None:
                from openai import OpenAI  # noqa: PLC0415 - takes a second to import

                key = self._api_key
                self._opened = OpenAI(
                    # Servers without keys still have to be sent one.
                    api_key=(key.get_secret_value() if isinstance(key, SecretStr) else key)
                    or "none",
                    base_url=self._base_url,
                    timeout=self._timeout,
                    max_retries=self._max_retries,
                )
            return self._opened


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts, cut to what the API takes, in lists that it takes at once."""
    batch: list[str] = []
    size = 0
    for text in texts:
        encoded = text.encode("utf-8", "replace")[:_BYTES_PER_TEXT]
        cut = encoded.decode("utf-8", "ignore").strip() or _NOTHING
        if batch and (len(batch) == _TEXTS_PER_REQUEST or size + len(encoded) > _BYTES_PER_REQUEST):
            yield batch
            batch, size = [], 0
        batch.append(cut)
        size += len(encoded)
    if batch:
        yield batch


def _vectors(answer: object) -> list[list[float]]:
    """The vectors in the order of the texts; the SDK does not check what servers send."""
    try:
        data = sorted(answer.data, key=lambda item: item.index)  # type: ignore[attr-defined]
        return [[float(value) for value in item.embedding] for item in data]
    except (AttributeError, TypeError, ValueError) as error:
        raise EmbedderUnavailable("the embedding server sent something else") from error


def _cause(error: Exception) -> str:
    """What went wrong, without the server's sentences: they may quote keys or documents."""
    status = getattr(error, "status_code", None)
    if status is None:
        return type(error).__name__
    code = getattr(error, "code", None)
    return f"the server answered {status} {code}" if code else f"the server answered {status}"
