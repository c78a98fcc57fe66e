"""When a person is needed, how urgently, and what everybody is told then. Pure functions."""
