"""Writes and sends what is in the mail queue."""
