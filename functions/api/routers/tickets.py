"""Tickets."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/tickets", tags=["tickets"])
