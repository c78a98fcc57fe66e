"""Signing up, logging in, and all that keeps a login."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/auth", tags=["auth"])
