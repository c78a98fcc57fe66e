"""A stand-in for Stripe: as much of it as Frontdesk uses, on this machine, with no account."""
