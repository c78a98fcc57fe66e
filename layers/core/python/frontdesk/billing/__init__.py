"""Plans, what they allow, and what is paid for them."""
