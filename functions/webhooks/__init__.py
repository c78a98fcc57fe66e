"""Stripe's webhook URL, and the worker behind it."""
