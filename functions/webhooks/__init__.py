"""Stripe's webhook URL."""
