"""One customer's data: exported or erased on request."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/privacy", tags=["privacy"])
