"""Base of everything stored."""

from pydantic import BaseModel, ConfigDict


class Entity(BaseModel):
    """Base: immutable, and tolerant of attributes that a newer version wrote.

    An error says what is wrong and not with which data: errors reach the logs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
