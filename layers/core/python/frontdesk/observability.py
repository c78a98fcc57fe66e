"""Structured logs, the same in every function.

Logs name organisations, conversations and messages by id. They never hold what people wrote,
their addresses, tokens or keys.
"""

from aws_lambda_powertools import Logger

logger = Logger()
"""Takes its service name and level from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL."""
