"""Who may do what: tokens, origins, sessions."""
