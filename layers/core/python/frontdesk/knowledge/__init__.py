"""What an organisation's documents know: passages, their vectors, and how to find them."""
