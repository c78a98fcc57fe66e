"""A web ACL for CloudFront: AWS's managed rules, and a rate limit for each address."""

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

REGION = "us-east-1"
"""The only region where CloudFront takes web ACLs from."""

_REQUESTS_PER_FIVE_MINUTES = 2000

_MANAGED = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    # Help articles and customers' messages quote markup and addresses, and are longer than 8 KB.
    # They are validated by the function and never shown as markup.
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
    ),
}
"""Rule groups, each with the rules that only count."""


class Firewall(Construct):
    """What turns requests away before they cost anything."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        rules = [self._rate_limit()]
        rules += [
            self._managed(name, counted, priority)
            for priority, (name, counted) in enumerate(_MANAGED.items(), start=1)
        ]
        self.web_acl = waf.CfnWebACL(
            self,
            "WebAcl",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("Frontdesk"),
            rules=rules,
        )

    @property
    def arn(self) -> str:
        """What a distribution names."""
        return self.web_acl.attr_arn

    def _rate_limit(self) -> waf.CfnWebACL.RuleProperty:
        return waf.CfnWebACL.RuleProperty(
            name="RateLimit",
            priority=0,
            action=waf.CfnWebACL.RuleActionProperty(block={}),
            statement=waf.CfnWebACL.StatementProperty(
                rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                    limit=_REQUESTS_PER_FIVE_MINUTES, aggregate_key_type="IP"
                )
            ),
            visibility_config=_visibility("RateLimit"),
        )

    def _managed(
        self, name: str, counted: tuple[str, ...], priority: int
    ) -> waf.CfnWebACL.RuleProperty:
        count = waf.CfnWebACL.RuleActionProperty(count={})
        return waf.CfnWebACL.RuleProperty(
            name=name,
            priority=priority,
            override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
            statement=waf.CfnWebACL.StatementProperty(
                managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS",
                    name=name,
                    rule_action_overrides=[
                        waf.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count)
                        for rule in counted
                    ]
                    or None,
                )
            ),
            visibility_config=_visibility(name),
        )


def _visibility(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
