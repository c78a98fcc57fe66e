"""Answers from OpenAI, or from any server that speaks its chat completions API (Ollama, vLLM)."""

import re
import socket
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from threading import Lock, Timer, local
from typing import TYPE_CHECKING, Any, TypeVar

from frontdesk.answers.chat_messages import messages
from frontdesk.answers.patience import asked_wait, bounded
from frontdesk.answers.ports import Anew, Completion, Prompt, TokenUsage
from frontdesk.answers.thoughts import without_thoughts
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
_LIMITS = frozenset({"max_completion_tokens", "max_tokens"})

_THINKING = 8_000
"""Tokens for the thoughts of a model that has been seen to think: servers count them as written."""

_USAGE_SECONDS = 1.0
"""How long to wait for the tokens after the answer has ended."""

# Servers have many words for an answer that ended by itself (stop, eos_token, end_turn), and these
# for one that did not.
_CUT_OFF = re.compile(
    r"length|max|limit|filter|safe|block|prohibit|recit|spii|sensitive|refus|error|fail|abort"
    r"|cancel|cut|interrupt|incomplete|truncat|time|insufficient|load|exceed|guardrail|moderat"
    r"|preempt|malformed|out.of.memory",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|unexpected"
    r"|not (?:supported|permitted|allowed|recogni[sz]ed|available)|n[o']t support"
    r"|extra (?:inputs?|fields?)|forbidden|deprecated",
    re.IGNORECASE,
)
_TOO_MUCH = re.compile(
    r"too (?:large|high|big|long|many|much)|exceed|context|at most|maximum|(?:less|greater|larger"
    r"|smaller|higher|lower|more) than|<=|out of range|remaining|budget",
    re.IGNORECASE,
)

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
        self._max_output_tokens = max_output_tokens
        self._thinks = False
        self._refused: frozenset[str] = frozenset()
        options: dict[str, object] = {
            # OpenAI's newer models know only the second name; Ollama and older vLLM only the first.
            "max_tokens" if base_url else "max_completion_tokens": max_output_tokens,
            "stream_options": {"include_usage": True},
        }
        if temperature is not None:
            options["temperature"] = temperature
        self._options = options

    @property
    def name(self) -> str:
        """The model's name at the provider."""
        return self._model

    def stream(self, prompt: Prompt) -> Iterator[str | Anew | TokenUsage]:
        """See `LanguageModel.stream`.

        An answer that met the token limit or a content filter raises PromptRefused. One that met
        the limit before its first word has spent it on thoughts: it is tried once more without, and
        from then on there is room for thoughts.
        """
        content = _content(prompt)
        spent: TokenUsage | None = None
        try:
            spent = yield from self._written(content)
        except _OnlyThoughts as thoughts:
            self._thinks = True
            spent = _sum(thoughts.usage, (yield from self._written(content, limited=False)))
        if spent:
            yield spent

    def complete(self, prompt: Prompt, *, max_tokens: int, seconds: float) -> Completion:
        """See `Completer.complete`.

        Of `seconds` a new connection may take a quarter and the wait for the answer the rest. A
        server that sends it byte by byte can make that last half as long again. What is left of
        them after a text that was all thoughts is for a second try without a limit.
        """
        deadline = time.monotonic() + seconds
        try:
            return self._completed(_content(prompt), max_tokens, deadline)
        except _OnlyThoughts as thoughts:
            self._thinks = True
            if time.monotonic() >= deadline:
                raise
            again = self._completed(_content(prompt), None, deadline)
            return Completion(again.text, _sum(thoughts.usage, again.usage))

    def warm_up(self) -> None:
        """Import the SDK and build its client, about a second, so that no question waits for it."""
        self._client()

    def close(self) -> None:
        """Close the connections that are kept for the next question."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _written(
        self, content: "list[ChatCompletionMessageParam]", *, limited: bool = True
    ) -> Generator[str | Anew, None, TokenUsage | None]:
        """One answer without its thoughts, as it comes; returns the tokens it took."""
        end = _End()
        said_something = False
        with closing(self._pieces(content, end, limited=limited)) as pieces:
            for piece in without_thoughts(pieces):
                said_something = isinstance(piece, str)
                yield piece
        usage = _counted(end.usage)
        _check_whole(end.reason, usage, said_something=said_something)
        return usage

    def _pieces(
        self, content: "list[ChatCompletionMessageParam]", end: "_End", *, limited: bool
    ) -> Generator[str, None, None]:
        """The text that the server sends; `end` is filled in."""
        try:
            with closing(self._start(content, limited=limited)) as chunks, ExitStack() as ending:
                for chunk in chunks:
                    piece, reason, counted = _read(chunk)
                    end.usage = counted or end.usage
                    if piece:
                        yield piece
                    if reason and not end.reason:
                        end.reason = reason
                        # The tokens come after the answer, in a chunk of their own, or never.
                        ending.callback(_hang_up_later(chunks.response).cancel)
                    if end.reason and (end.usage or "stream_options" not in self._options):
                        break
        except _failures() as error:
            if not end.reason:
                raise self._failure(error) from None
        if not end.reason:
            raise ModelUnavailable(f"{self._model}: the stream ended before the answer did")

    def _start(
        self, content: "list[ChatCompletionMessageParam]", *, limited: bool
    ) -> "Stream[ChatCompletionChunk]":
        """Open the stream."""

        def start(options: dict[str, Any]) -> "Stream[ChatCompletionChunk]":
            limits = self._max_output_tokens if limited else None
            stream: Stream[ChatCompletionChunk] = self._client().chat.completions.create(
                model=self._model, messages=content, stream=True, **self._limiting(options, limits)
            )
            return stream

        return self._without_refused(start)

    def _completed(
        self,
        content: "list[ChatCompletionMessageParam]",
        max_tokens: int | None,
        deadline: float,
    ) -> Completion:
        """A short text, in one try that ends at `deadline`."""
        import httpx2  # noqa: PLC0415 - see `_failures`

        seconds = max(deadline - time.monotonic(), 0.0)
        waits = httpx2.Timeout(seconds * 3 / 4, connect=seconds / 4)
        self._shorter.deadline = deadline
        try:
            answer = self._ask(content, max_tokens, waits)
        except _failures() as error:
            raise self._failure(error) from None
        finally:
            del self._shorter.deadline
        sent, reason, counted = _read(answer)
        text, usage = _said([sent]), _counted(counted)
        _check_whole(reason or "it ended without a reason: cut", usage, said_something=bool(text))
        return Completion(text, usage)

    def _ask(
        self,
        content: "list[ChatCompletionMessageParam]",
        max_tokens: int | None,
        waits: "httpx2.Timeout",
    ) -> "ChatCompletion":
        """Have a short text written, in one try."""

        def ask(options: dict[str, Any]) -> "ChatCompletion":
            kept = {k: v for k, v in options.items() if k != "stream_options"}
            client = self._client().with_options(timeout=waits, max_retries=0)
            answer: ChatCompletion = client.chat.completions.create(
                model=self._model, messages=content, **self._limiting(kept, max_tokens)
            )
            return answer

        return self._without_refused(ask)

    def _limiting(self, options: dict[str, Any], tokens: int | None) -> dict[str, Any]:
        """`options` with a limit of `tokens`, and room for thoughts; with None without a limit."""
        kept = {k: v for k, v in options.items() if k not in _LIMITS}
        if tokens is not None:
            named = (name for name in options if name in _LIMITS)
            kept |= dict.fromkeys(named, tokens + _THINKING * self._thinks)
        return kept

    def _without_refused(self, send: Callable[[dict[str, Any]], _Sent]) -> _Sent:
        """What `send` gives, leaving out in turn the options that the server refuses by name.

        What it does not know is left out from then on, what is too much for this prompt only now.
        """
        import openai  # noqa: PLC0415 - see `_failures`

        too_much: set[str] = set()
        while True:
            options = {k: v for k, v in self._options.items() if k not in too_much}
            try:
                return send(options)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                refused = _refused_option(error, options)
                if not refused:
                    raise
                if _is_too_much(error):
                    too_much.add(refused)
                else:
                    self._give_up(refused)

    def _give_up(self, option: str) -> None:
        """Leave an option out from now on; a limit goes by its other name, if that is left."""
        # A new dict: other threads may be using the old one.
        options = {k: v for k, v in self._options.items() if k != option}
        self._refused |= {option}
        if option in self._options:
            options |= dict.fromkeys(_LIMITS - self._refused if option in _LIMITS else (), 0)
        self._options = options

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


@dataclass(slots=True)
class _End:
    """How a stream ended: the server's finish reason, and the tokens it counted."""

    reason: str = ""
    usage: "CompletionUsage | None" = None


class _OnlyThoughts(PromptRefused):
    """The token limit was met before the first word of the answer."""

    def __init__(self, usage: TokenUsage | None) -> None:
        super().__init__("the token limit was spent before the first word")
        self.usage = usage


def _hang_up_later(response: "httpx2.Response") -> Timer:
    """End a connection in a while, unless that is cancelled: what reads from it finds its end."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream else None

    def hang_up() -> None:
        with suppress(OSError):
            if isinstance(connection, socket.socket):
                connection.shutdown(socket.SHUT_RDWR)

    timer = Timer(_USAGE_SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    return timer


def _said(pieces: Iterable[str]) -> str:
    """A short text without thoughts, and without the white space around it."""
    text = ""
    for piece in without_thoughts(pieces):
        text = text + piece if isinstance(piece, str) else ""
    return text.strip()


def _sum(some: TokenUsage | None, others: TokenUsage | None) -> TokenUsage | None:
    if some is None or others is None:
        return some or others
    return TokenUsage(
        some.prompt_tokens + others.prompt_tokens, some.completion_tokens + others.completion_tokens
    )


def _failures() -> tuple[type[Exception], ...]:
    """What the SDK and its HTTP client raise.

    ValueError stands for a chunk that is not JSON or not UTF-8, and a key that no header can hold;
    RecursionError for JSON that nests without end.
    """
    import httpx2  # noqa: PLC0415 - comes with the SDK, which takes a second to import
    import openai  # noqa: PLC0415 - see above

    errors = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL)
    return (openai.OpenAIError, *errors, ValueError, RecursionError)


def _read(
    sent: "ChatCompletionChunk | ChatCompletion",
) -> "tuple[str, str | None, CompletionUsage | None]":
    """The text, finish reason and usage of what came; the SDK does not check what servers send."""
    choices = getattr(sent, "choices", None) or []
    usage = getattr(sent, "usage", None)
    if not choices:
        return "", None, usage
    said = getattr(choices[0], "delta", None) or getattr(choices[0], "message", None)
    reason = getattr(choices[0], "finish_reason", None)
    return _text(getattr(said, "content", None)), str(reason) if reason else None, usage


def _text(content: object) -> str:
    """The text of a content: as it is, or put together of its parts, but for those of thoughts."""
    parts = content if isinstance(content, (list, tuple)) else [content]
    return "".join(map(_text_of_part, parts))


def _text_of_part(part: object) -> str:
    if isinstance(part, str):
        return part
    kind, text = (
        part.get(name) if isinstance(part, dict) else getattr(part, name, None)
        for name in ("type", "text")
    )
    if kind not in (None, "text", "output_text", "text_delta"):
        return ""
    # Some wrap it once more.
    text = text.get("value") if isinstance(text, dict) else text
    return text if isinstance(text, str) else ""


def _counted(usage: "CompletionUsage | None") -> TokenUsage | None:
    """The tokens that a server reports, if it does so in numbers."""
    prompt = getattr(usage, "prompt_tokens", None)
    completion = getattr(usage, "completion_tokens", None)
    if isinstance(prompt, int) and isinstance(completion, int) and min(prompt, completion) >= 0:
        # Nobody sends a prompt without a token: such a server does not count.
        return TokenUsage(prompt, completion) if prompt else None
    return None


def _check_whole(finish_reason: str, usage: TokenUsage | None, *, said_something: bool) -> None:
    """Raise PromptRefused unless the answer ended because it was complete."""
    if _CUT_OFF.search(finish_reason):
        if not said_something and re.search("length|max|limit", finish_reason, re.IGNORECASE):
            raise _OnlyThoughts(usage)
        raise PromptRefused(f"the answer was cut off: {finish_reason[:40]}")
    if not said_something:
        raise PromptRefused("the answer was empty")


def _is_too_much(error: Exception) -> bool:
    """Whether a refusal is about this prompt, and not about what the server knows."""
    said = f"{getattr(error, 'code', None) or ''} {error}"
    return not _UNKNOWN.search(said) and bool(_TOO_MUCH.search(said))


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
