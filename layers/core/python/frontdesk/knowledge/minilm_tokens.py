"""How all-MiniLM-L6-v2 cuts text into tokens. Needs the tokenizer only, and not the model."""

from pathlib import Path

from tokenizers import Tokenizer

from frontdesk.errors import EmbedderUnavailable


class MiniLmTokenizer:
    """The tokenizer in `folder` (tokenizer.json)."""

    def __init__(self, folder: Path) -> None:
        """Load it. Raises EmbedderUnavailable if the file is missing or broken."""
        file = folder / "tokenizer.json"
        if not file.is_file():
            raise EmbedderUnavailable("the embedding model's tokenizer.json is missing")
        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        # The library raises Exception itself.
        except Exception as error:
            raise EmbedderUnavailable("the embedding model's tokenizer cannot be loaded") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, text: str) -> list[int]:
        """The tokens of `text`, with the two that frame it."""
        return list(self._tokenizer.encode(encodable(text)).ids)

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` has, without the two that frame it."""
        return len(self._tokenizer.encode(encodable(text), add_special_tokens=False).ids)


def encodable(text: str) -> str:
    """`text` without lone surrogates, which are no characters and which UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
