"""A queue of work with somewhere for hopeless messages to go."""

import aws_cdk as cdk
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.functions import PythonFunction


class WorkQueue(Construct):
    """A standard queue and its dead-letter queue, which keeps messages for 14 days."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        visibility: cdk.Duration,
        attempts: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self._visibility = visibility
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            retention_period=cdk.Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            visibility_timeout=visibility,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=attempts
            ),
        )

    def feed(self, worker: PythonFunction, *, at_once: int) -> None:
        """Have `worker` called with one message at a time, at most `at_once` side by side.

        The cap is why visibility only has to exceed the function's timeout and not, as is usually
        advised, six times that: no message is taken from the queue and then throttled.
        """
        if self._visibility.to_seconds() <= worker.timeout.to_seconds():
            raise ValueError("a message must stay invisible for longer than its worker may run")
        worker.function.add_event_source(
            event_sources.SqsEventSource(
                self.queue, batch_size=1, report_batch_item_failures=True, max_concurrency=at_once
            )
        )
