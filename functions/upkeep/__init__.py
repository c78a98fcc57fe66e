"""What has to happen although nobody asks for it."""
