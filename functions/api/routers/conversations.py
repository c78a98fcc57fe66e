"""Conversations, as the team sees and handles them."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/conversations", tags=["conversations"])
