"""How a customer's message sounds: negative, neutral or positive."""
