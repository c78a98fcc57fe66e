"""From retrieved passages to an answer that can be trusted."""
