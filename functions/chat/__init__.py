"""The WebSocket: the gateway that takes frames, and the worker that answers conversations."""
