"""Who is told when something is wrong, and one page to look at."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.functions import PythonFunction
from infra.queues import WorkQueue
from infra.settings import Deployment

_ANSWER_P95 = cdk.Duration.seconds(20)
"""People give up; a third of the worker's timeout."""

_FIVE_MINUTES = cdk.Duration.minutes(5)


class Observability(Construct):
    """Alarms that reach a topic, and a dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        functions: Mapping[str, PythonFunction],
        queues: Mapping[str, WorkQueue],
        answer: PythonFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = self._make_topic(deployment)
        for name, function in functions.items():
            self._watch_function(name, function)
        for name, queue in queues.items():
            self._watch_dead_letters(name, queue)
        self._watch_answers(answer)
        self._dashboard(deployment, functions, queues, answer)

    def _make_topic(self, deployment: Deployment) -> sns.Topic:
        topic = sns.Topic(self, "Alarms", enforce_ssl=True)
        # With a policy of its own a topic no longer takes what its account sends.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
        )
        if deployment.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(deployment.alarm_email))
        return topic

    def _watch_function(self, name: str, function: PythonFunction) -> None:
        errors = function.function.metric_errors(period=_FIVE_MINUTES, statistic="Sum")
        self._alarm(f"{name}Errors", errors, threshold=1, says=f"{name} failed")
        throttles = function.function.metric_throttles(period=_FIVE_MINUTES, statistic="Sum")
        self._alarm(
            f"{name}Throttles", throttles, threshold=1, says=f"{name} was refused concurrency"
        )

    def _watch_dead_letters(self, name: str, queue: WorkQueue) -> None:
        waiting = queue.dead_letters.metric_approximate_number_of_messages_visible(
            period=cdk.Duration.minutes(1), statistic="Maximum"
        )
        self._alarm(
            f"{name}DeadLetters", waiting, threshold=1, says=f"{name}: work was given up on"
        )

    def _watch_answers(self, answer: PythonFunction) -> None:
        slow = answer.function.metric_duration(period=_FIVE_MINUTES, statistic="p95")
        self._alarm(
            "AnswerP95",
            slow,
            threshold=_ANSWER_P95.to_milliseconds(),
            evaluation_periods=3,
            says="Answers are slow: p95 above 20 s for a quarter of an hour",
        )

    def _alarm(
        self,
        construct_id: str,
        metric: cloudwatch.Metric,
        *,
        threshold: float,
        says: str,
        evaluation_periods: int = 1,
    ) -> None:
        alarm = metric.create_alarm(
            self,
            construct_id,
            alarm_description=says,
            threshold=threshold,
            evaluation_periods=evaluation_periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))

    def _dashboard(
        self,
        deployment: Deployment,
        functions: Mapping[str, PythonFunction],
        queues: Mapping[str, WorkQueue],
        answer: PythonFunction,
    ) -> None:
        dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=deployment.stack_name,
            default_interval=cdk.Duration.hours(12),
        )
        durations = [
            answer.function.metric_duration(statistic=statistic, label=statistic)
            for statistic in ("p50", "p95", "p99")
        ]
        dashboard.add_widgets(
            cloudwatch.GraphWidget(title="Answer duration", left=durations),
            cloudwatch.GraphWidget(
                title="Invocations",
                left=[
                    function.function.metric_invocations(label=name)
                    for name, function in functions.items()
                ],
            ),
            cloudwatch.GraphWidget(
                title="Errors",
                left=[
                    function.function.metric_errors(label=name)
                    for name, function in functions.items()
                ],
            ),
        )
        dashboard.add_widgets(
            cloudwatch.GraphWidget(
                title="Waiting",
                left=[
                    queue.queue.metric_approximate_number_of_messages_visible(label=name)
                    for name, queue in queues.items()
                ],
            ),
            cloudwatch.GraphWidget(
                title="Oldest waiting message",
                left=[
                    queue.queue.metric_approximate_age_of_oldest_message(label=name)
                    for name, queue in queues.items()
                ],
            ),
            cloudwatch.GraphWidget(
                title="Given up",
                left=[
                    queue.dead_letters.metric_approximate_number_of_messages_visible(label=name)
                    for name, queue in queues.items()
                ],
            ),
        )
