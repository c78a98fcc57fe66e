"""The HTTP API behind the dashboard and the widget."""
