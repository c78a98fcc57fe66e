"""Asks the documents without a conversation: tries questions out, runs checks, replays the past."""
