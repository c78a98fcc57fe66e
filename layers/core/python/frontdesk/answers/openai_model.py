"""Answers from OpenAI, or from any server that speaks its chat completions API (Ollama, vLLM)."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Lock, local
from typing import TYPE_CHECKING, Any, TypeVar

from frontdesk.answers.chat_messages import messages
from frontdesk.answers.patience import asked_wait, bounded
from frontdesk.answers.ports import Completion, Prompt, TokenUsage
from frontdesk.errors import ModelUnavailable, PromptRefused

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI, Stream
    from openai.types import CompletionUsage
    from openai.types.chat import (
        ChatCompletion,
        ChatCompletionChunk,
        ChatCompletionMessageParam,
    )

_Sent = TypeVar("_Sent")

OPENAI_URL = "https://api.openai.com/v1"

# What a request can do without. Servers differ in what they know, and newer OpenAI models refuse
# some of what older ones take; what is refused by name is left out from then on.
_OPTIONAL = ("stream_options", "temperature", "max_completion_tokens", "max_tokens")

_ABOUT_THE_PROMPT = frozenset({400, 413, 422})
"""Statuses by which a server says that it works, and that it will not answer this."""


class OpenAiModel:
    """A chat completions model, streamed or for short texts. Safe to share between threads.

    `base_url` None means OpenAI itself. `stall_seconds` is the longest wait for the next byte, the
    first included; `total_seconds` bounds the stream from its first byte on. What fails before the
    stream starts is tried again up to `max_retries` times, so a server that is silent from the
    start takes `stall_seconds` times one more than that. Between tries the SDK waits 0.5 s and
    more with jitter, or what the server asks for in Retry-After; asked for more than
    `longest_wait_seconds`, it gives up at once, since a fallback stands ready.

    `temperature` None leaves it to the server.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str | None = None,
        connect_seconds: float = 5.0,
        stall_seconds: float = 15.0,
        total_seconds: float = 60.0,
        max_retries: int = 2,
        longest_wait_seconds: float = 5.0,
        max_output_tokens: int = 800,
        temperature: float | None = 0.2,
    ) -> None:
        self._api_key = api_key
        self._model = model
        self._base_url = base_url or OPENAI_URL
        self._connect_seconds = connect_seconds
        self._stall_seconds = stall_seconds
        self._total_seconds = total_seconds
        self._max_retries = max_retries
        self._longest_wait = longest_wait_seconds
        self._lock = Lock()
        self._opened: OpenAI | None = None
        self._shorter = local()
        # OpenAI's newer models know only the first name; Ollama and older vLLM only the second.
        self._limit = "max_tokens" if base_url else "max_completion_tokens"
        options: dict[str, object] = {
            self._limit: max_output_tokens,
            "stream_options": {"include_usage": True},
        }
        if temperature is not None:
            options["temperature"] = temperature
        self._options = options

    @property
    def name(self) -> str:
        """The model's name at the provider."""
        return self._model

    def stream(self, prompt: Prompt) -> Iterator[str | TokenUsage]:
        """See `LanguageModel.stream`.

        An answer counts as whole only if the server says that it stopped by itself: one that met
        the token limit or a content filter raises PromptRefused.
        """
        finished = said_something = False
        usage: CompletionUsage | None = None
        try:
            with closing(self._start(_content(prompt))) as chunks:
                for chunk in chunks:
                    piece, reason, counted = _read(chunk)
                    usage = counted or usage
                    if piece:
                        said_something = True
                        yield piece
                    if reason:
                        _check_whole(reason, said_something=said_something)
                        finished = True
                    # The tokens come after the answer, in a chunk of their own.
                    if finished and (usage or "stream_options" not in self._options):
                        break
        except _failures() as error:
            if not finished:
                raise self._failure(error) from None
        if not finished:
            raise ModelUnavailable(f"{self._model}: the stream ended before the answer did")
        tokens = _counted(usage)
        if tokens:
            yield tokens

    def complete(self, prompt: Prompt, *, max_tokens: int, seconds: float) -> Completion:
        """See `Completer.complete`.

        Of `seconds` a new connection may take a quarter and the wait for the answer the rest. A
        server that sends it byte by byte can make that last half as long again.
        """
        import httpx2  # noqa: PLC0415 - see `_failures`

        waits = httpx2.Timeout(seconds * 3 / 4, connect=seconds / 4)
        self._shorter.deadline = time.monotonic() + seconds
        try:
            answer = self._ask(_content(prompt), max_tokens, waits)
        except _failures() as error:
            raise self._failure(error) from None
        finally:
            del self._shorter.deadline
        text, reason, usage = _read(answer)
        _check_whole(reason or "it ended without a reason", said_something=bool(text.strip()))
        return Completion(text, _counted(usage))

    def warm_up(self) -> None:
        """Import the SDK and build its client, about a second, so that no question waits for it."""
        self._client()

    def close(self) -> None:
        """Close the connections that are kept for the next question."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _start(self, content: "list[ChatCompletionMessageParam]") -> "Stream[ChatCompletionChunk]":
        """Open the stream."""

        def start(options: dict[str, Any]) -> "Stream[ChatCompletionChunk]":
            stream: Stream[ChatCompletionChunk] = self._client().chat.completions.create(
                model=self._model, messages=content, stream=True, **options
            )
            return stream

        return self._without_refused(start)

    def _ask(
        self,
        content: "list[ChatCompletionMessageParam]",
        max_tokens: int,
        waits: "httpx2.Timeout",
    ) -> "ChatCompletion":
        """Have a short text written, in one try."""

        def ask(options: dict[str, Any]) -> "ChatCompletion":
            kept = {k: v for k, v in options.items() if k != "stream_options"}
            if self._limit in kept:
                kept[self._limit] = max_tokens
            client = self._client().with_options(timeout=waits, max_retries=0)
            answer: ChatCompletion = client.chat.completions.create(
                model=self._model, messages=content, **kept
            )
            return answer

        return self._without_refused(ask)

    def _without_refused(self, send: Callable[[dict[str, Any]], _Sent]) -> _Sent:
        """What `send` gives, leaving out in turn the options that the server refuses by name."""
        import openai  # noqa: PLC0415 - see `_failures`

        while True:
            options: dict[str, Any] = self._options
            try:
                return send(options)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                refused = _refused_option(error, options)
                if not refused:
                    raise
                # A new dict: other threads may be using the old one.
                self._options = {k: v for k, v in options.items() if k != refused}

    def _failure(self, error: Exception) -> ModelUnavailable:
        """`error` as ours."""
        refused = getattr(error, "status_code", None) in _ABOUT_THE_PROMPT
        return (PromptRefused if refused else ModelUnavailable)(f"{self._model}: {_cause(error)}")

    def _client(self) -> "OpenAI":
        """The SDK's client, made at the first use."""
        with self._lock:
            if self._opened is None:
                import httpx2  # noqa: PLC0415 - see `_failures`
                from openai import DefaultHttpxClient, OpenAI  # noqa: PLC0415 - see `_failures`

                self._opened = OpenAI(
                    # Servers without keys still have to be sent one.
                    api_key=self._api_key or "none",
                    base_url=self._base_url,
                    max_retries=self._max_retries,
                    http_client=DefaultHttpxClient(
                        timeout=httpx2.Timeout(self._stall_seconds, connect=self._connect_seconds),
                        event_hooks={"response": [self._bound]},
                    ),
                )
            return self._opened

    def _bound(self, response: "httpx2.Response") -> None:
        """Keep a response to our limits on waiting, whatever the server would like."""
        import httpx2  # noqa: PLC0415 - see `_failures`

        if asked_wait(response.headers) > self._longest_wait:
            # The header by which the SDK lets a server forbid another try.
            response.headers["x-should-retry"] = "false"
        if isinstance(response.stream, httpx2.SyncByteStream):
            latest = time.monotonic() + self._total_seconds
            # The SDK reads in the thread that asked.
            deadline = min(latest, getattr(self._shorter, "deadline", latest))
            response.stream = bounded(response.stream, deadline)


def _content(prompt: Prompt) -> "list[ChatCompletionMessageParam]":
    """`prompt` in the SDK's types."""
    content: list[ChatCompletionMessageParam] = []
    for message in messages(prompt):
        match message.role:
            case "system":
                content.append({"role": "system", "content": message.text})
            case "user":
                content.append({"role": "user", "content": message.text})
            case "assistant":
                content.append({"role": "assistant", "content": message.text})
    return content


def _failures() -> tuple[type[Exception], ...]:
    """What the SDK and its HTTP client raise.

    ValueError stands for a chunk that is not JSON or not UTF-8, and a key that no header can hold.
    """
    import httpx2  # noqa: PLC0415 - comes with the SDK, which takes a second to import
    import openai  # noqa: PLC0415 - see above

    errors = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
    return (openai.OpenAIError, *errors, ValueError)


def _read(
    sent: "ChatCompletionChunk | ChatCompletion",
) -> "tuple[str, str | None, CompletionUsage | None]":
    """The text, finish reason and usage of what came; the SDK does not check what servers send."""
    choices = getattr(sent, "choices", None) or []
    usage = getattr(sent, "usage", None)
    if not choices:
        return "", None, usage
    said = getattr(choices[0], "delta", None) or getattr(choices[0], "message", None)
    content = getattr(said, "content", None)
    reason = getattr(choices[0], "finish_reason", None)
    return content if isinstance(content, str) else "", str(reason) if reason else None, usage


def _counted(usage: "CompletionUsage | None") -> TokenUsage | None:
    """The tokens that a server reports, if it does so in numbers."""
    prompt = getattr(usage, "prompt_tokens", None)
    completion = getattr(usage, "completion_tokens", None)
    if isinstance(prompt, int) and isinstance(completion, int) and min(prompt, completion) >= 0:
        # Nobody sends a prompt without a token: such a server does not count.
        return TokenUsage(prompt, completion) if prompt else None
    return None


def _check_whole(finish_reason: str, *, said_something: bool) -> None:
    """Raise PromptRefused unless the answer ended because it was complete."""
    if finish_reason != "stop":
        raise PromptRefused(f"the answer was cut off: {finish_reason[:40]}")
    if not said_something:
        raise PromptRefused("the answer was empty")


def _refused_option(error: Exception, options: dict[str, Any]) -> str | None:
    """The optional parameter that the server's refusal names, if we sent it."""
    param = str(getattr(error, "param", None) or "")
    for option in _OPTIONAL:
        if option in options and param.partition(".")[0] == option:
            return option
    return next((o for o in _OPTIONAL if o in options and o in str(error)), None)


def _cause(error: Exception) -> str:
    """What went wrong, without anything the server said: that may quote keys or customers."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return f"the server answered {status}"
    return type(error).__name__
