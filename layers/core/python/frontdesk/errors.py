"""The errors Frontdesk raises on purpose.

    FrontdeskError
    ├── InvalidRequest        the caller sent something we cannot accept
    │   ├── NotFound          no such thing, or it is not yours (never told apart)
    │   ├── Refused           the credential does not allow this
    │   ├── Conflict          it was valid, but the state has moved on
    │   ├── PlanLimit         the organisation's plan does not allow this
    │   └── RateLimited       too many; carries the seconds to wait
    ├── UnreadableDocument    a document we cannot turn into passages, with a reason for people
    └── Unavailable           something we depend on failed; trying again may work
        ├── StoreUnavailable
        ├── EmbedderUnavailable
        ├── IndexUnavailable
        ├── RerankerUnavailable
        ├── ModelUnavailable
        │   └── PromptRefused    the model is there, but it does not answer this
        ├── MailUnavailable
        ├── PaymentsUnavailable
        └── AnswersUnavailable

Vendor errors (botocore, openai, pinecone, stripe, httpx) become one of these in the adapter that
met them and nowhere else.
"""


class FrontdeskError(Exception):
    """Base of every error in this tree."""


class InvalidRequest(FrontdeskError):
    """The caller sent something we cannot accept. The text is shown to the caller."""


class NotFound(InvalidRequest):
    """There is no such thing, or it belongs to someone else."""


class Refused(InvalidRequest):
    """The credential is missing, spent, expired or does not allow this."""


class Conflict(InvalidRequest):
    """The request was valid, but the state it relied on has changed."""


class PlanLimit(InvalidRequest):
    """The organisation's plan has no room for this, or not this feature."""


class RateLimited(InvalidRequest):
    """Too many requests."""

    def __init__(self, message: str, *, retry_after: int, limit: int | None = None) -> None:
        """`retry_after` is in seconds; `limit` is how many there may be in one window."""
        super().__init__(message)
        self.retry_after = retry_after
        self.limit = limit


class UnreadableDocument(FrontdeskError):
    """A document that cannot become passages. The text is shown to the team."""


class Unavailable(FrontdeskError):
    """Something we depend on failed or timed out; the same call may work later."""


class EmbedderUnavailable(Unavailable):
    """The embedding model did not answer."""


class IndexUnavailable(Unavailable):
    """The vector index did not answer."""


class RerankerUnavailable(Unavailable):
    """The model that puts passages in order cannot be loaded, or failed."""


class ModelUnavailable(Unavailable):
    """The language model did not answer, or broke off."""


class PromptRefused(ModelUnavailable):
    """The language model is there and did not answer this prompt: too long, filtered, cut off."""


class MailUnavailable(Unavailable):
    """The mail service did not take a mail."""


class PaymentsUnavailable(Unavailable):
    """Stripe did not answer, or refused what is set up here."""


class StoreUnavailable(Unavailable):
    """The database, a queue or the object store did not answer."""


class AnswersUnavailable(Unavailable):
    """The function that answers questions did not, or not in time. The text is for the caller."""
