"""What can go wrong on this machine."""


class LocalError(Exception):
    """The stack cannot be started or used. The text is for people and says what to do."""
