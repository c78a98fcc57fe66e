"""Counting tokens without a tokenizer."""


def estimate_tokens(text: str) -> int:
    """About how many tokens an embedding model makes of `text`."""
    return max(1, round(len(text) / 4.2)) if text else 0
