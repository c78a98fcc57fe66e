"""The network: MiniLM-L6, mean pooling, and one linear head each for the mood and the emotions."""

from pathlib import Path

import torch
from transformers import AutoModel

MAX_TOKENS = 128


class MoodNetwork(torch.nn.Module):
    """Logits of the three labels (softmax) and of the emotion groups (sigmoid each)."""

    def __init__(self, encoder: Path, emotions: int, *, attention: str = "sdpa") -> None:
        """`encoder`: a folder with config.json and model.safetensors."""
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            encoder, attn_implementation=attention, add_pooling_layer=False
        )
        width = self.encoder.config.hidden_size
        self.dropout = torch.nn.Dropout(0.1)
        self.mood = torch.nn.Linear(width, 3)
        self.emotions = torch.nn.Linear(width, emotions)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One row of each kind of logits per text."""
        hidden = self.encoder(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=torch.zeros_like(input_ids),
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = self.dropout((hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9))
        return self.mood(pooled), self.emotions(pooled)
