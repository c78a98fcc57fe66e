"""Mail: what is to be sent, and by whom."""
