"""The people of a team, and invitations."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/team", tags=["team"])
