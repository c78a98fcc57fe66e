"""Asking the documents without a conversation: the playground, kept questions, replays."""
