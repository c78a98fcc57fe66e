"""From an uploaded file to passages that answer."""
