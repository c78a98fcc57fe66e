"""Base of everything stored."""

from pydantic import BaseModel, ConfigDict


class Entity(BaseModel):
    """Base: immutable, and tolerant of attributes that a newer version wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")
