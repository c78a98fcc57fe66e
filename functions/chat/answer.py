"""Entry point of the answer worker, fed by the turn queue."""

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.config import Config

from chat.mood import LambdaMoods
from chat.turn import Answerer
from chat.worker import AnswerWorker
from frontdesk.answers.assembly import open_drafter
from frontdesk.answers.cached_drafting import CachedDrafter
from frontdesk.answers.fingerprint import fingerprint
from frontdesk.aws import create_client
from frontdesk.entities import ConversationRef
from frontdesk.knowledge.adapters import open_embedder, open_index
from frontdesk.knowledge.question_groups import QuestionGroups, similarity_threshold
from frontdesk.mail.jobs import SqsMailQueue
from frontdesk.observability import logger
from frontdesk.realtime.sockets import ApiGatewaySockets
from frontdesk.realtime.team import Team
from frontdesk.redelivery import Redelivery
from frontdesk.secrets import read_provider_keys
from frontdesk.settings import AnswerSettings
from frontdesk.tables.accounts import Accounts, Standings
from frontdesk.tables.answer_cache import AnswerCache
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.organizations import Organizations
from frontdesk.tables.questions import Questions
from frontdesk.tables.tickets import Tickets

_SIDE_BY_SIDE = 4
_POSTING = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})
"""A frame that is late is worth little: the next ones, and the stored answer, make up for it."""

_MOOD = Config(connect_timeout=1, read_timeout=6, retries={"total_max_attempts": 1})
"""Long enough for a cold start. The answer streams meanwhile; whether a person is called waits."""


@functools.cache
def _wire() -> tuple[AnswerWorker, Redelivery]:
    settings = AnswerSettings.read()
    keys = read_provider_keys(settings.secret)
    table = Table(create_client("dynamodb"), settings.table)
    pool = ThreadPoolExecutor(_SIDE_BY_SIDE)
    sqs = create_client("sqs")
    sockets = ApiGatewaySockets(
        create_client(
            "apigatewaymanagementapi", endpoint_url=settings.connections_url, config=_POSTING
        )
    )
    conversations = Conversations(table)
    team = Team(
        connections=Connections(table),
        conversations=conversations,
        tickets=Tickets(table),
        sockets=sockets,
    )
    moods = LambdaMoods(create_client("lambda", config=_MOOD), settings.sentiment_function)
    embedder = open_embedder(settings, keys)
    index = open_index(settings, keys)
    questions = Questions(table)
    worker = AnswerWorker(
        conversations=conversations,
        organizations=Organizations(table),
        standings=Standings(Accounts(table), billed=settings.billed),
        questions=questions,
        groups=QuestionGroups(
            questions, index, embedder, threshold=similarity_threshold(settings.embedder)
        ),
        sockets=sockets,
        team=team,
        mail=SqsMailQueue(sqs, settings.mail_queue_url),
        answerer=Answerer(
            drafter=CachedDrafter(
                open_drafter(settings, keys, embedder=embedder, index=index),
                AnswerCache(table),
                pool,
                fingerprint=fingerprint(settings.model_dump_json()),
            ),
            moods=moods,
            pool=pool,
            somebody_is_here=team.somebody_is_here,
        ),
        pool=pool,
    )
    redelivery = Redelivery(sqs, settings.turns_queue_url, first=2, most=60)
    return worker, redelivery


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Entry point of the turn queue. Reports each message that should be tried again."""
    worker, redelivery = _wire()
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            worker.run(ConversationRef.model_validate_json(record["body"]))
        except Exception:  # noqa: BLE001 - whatever it was, SQS tries again, then keeps it
            logger.exception("the conversation could not be answered")
            redelivery.hasten(record)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
