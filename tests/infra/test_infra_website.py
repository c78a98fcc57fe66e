"""What browsers get."""

from typing import Any

import pytest

from tests.infra.conftest import Template

pytestmark = pytest.mark.slow


def _distribution(template: Template) -> dict[str, Any]:
    (distribution,) = template.of_type("AWS::CloudFront::Distribution").values()
    config: dict[str, Any] = distribution["DistributionConfig"]
    return config


def _policy(template: Template, behavior: dict[str, Any]) -> dict[str, Any]:
    resource = template.resources[behavior["ResponseHeadersPolicyId"]["Ref"]]
    config: dict[str, Any] = resource["Properties"]["ResponseHeadersPolicyConfig"]
    return config


def _behavior(template: Template, path: str) -> dict[str, Any]:
    behaviors = _distribution(template)["CacheBehaviors"]
    (behavior,) = [behavior for behavior in behaviors if behavior["PathPattern"] == path]
    found: dict[str, Any] = behavior
    return found


def test_pages_run_no_inline_script_and_cannot_be_framed(template: Template) -> None:
    headers = _policy(template, _distribution(template)["DefaultCacheBehavior"])
    policy = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    text = policy if isinstance(policy, str) else str(policy["Fn::Join"][1])
    assert "default-src 'none'" in text
    assert "script-src 'self';" in text
    assert "style-src 'self';" in text
    assert "frame-ancestors 'none'" in text
    assert "unsafe" not in text


def test_pages_post_to_our_buckets_alone_and_show_pictures_from_the_files(prod: Template) -> None:
    headers = _policy(prod, _distribution(prod)["DefaultCacheBehavior"])
    policy = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    (bucket,) = [
        bucket["BucketName"]
        for bucket in prod.of_type("AWS::S3::Bucket").values()
        if "NotificationConfiguration" in bucket
    ]
    joined = "".join(part if isinstance(part, str) else "#" for part in policy["Fn::Join"][1])
    name = "".join(part if isinstance(part, str) else "#" for part in bucket["Fn::Join"][1])
    assert f"connect-src 'self' https://{name}.s3." in joined
    pictures = joined.partition("img-src ")[2].partition(";")[0]
    assert pictures.startswith("'self' data: https://")
    assert "-files-" in pictures
    assert name not in pictures
    assert "s3.amazonaws.com *" not in joined


def test_other_sites_may_load_the_widget_but_not_the_pages(template: Template) -> None:
    widget = _policy(template, _behavior(template, "/widget/*"))
    assert widget["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert widget["CorsConfig"]["AccessControlAllowCredentials"] is False
    pages = _policy(template, _distribution(template)["DefaultCacheBehavior"])
    assert "CorsConfig" not in pages


def test_the_api_and_the_chat_are_at_the_pages_origin_and_never_cached(prod: Template) -> None:
    caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    for path in ("/api/*", "/prod"):
        behavior = _behavior(prod, path)
        assert behavior["CachePolicyId"] == caching_disabled
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"


def test_what_api_gateway_says_in_place_of_the_api_is_not_kept_either(prod: Template) -> None:
    policy = _policy(prod, _behavior(prod, "/api/*"))
    assert policy["SecurityHeadersConfig"]["ContentTypeOptions"]["Override"]
    [header] = policy["CustomHeadersConfig"]["Items"]
    assert header == {"Header": "Cache-Control", "Value": "no-store", "Override": True}
    assert "ResponseHeadersPolicyId" not in _behavior(prod, "/prod")


def test_no_error_page_hides_an_answer_of_the_api(template: Template) -> None:
    """CloudFront's error pages apply to every path, /api included."""
    assert "CustomErrorResponses" not in _distribution(template)


def test_only_cloudfront_reads_the_pages_bucket(prod: Template) -> None:
    origins = [origin for origin in _distribution(prod)["Origins"] if "S3OriginConfig" in origin]
    assert origins
    assert all(origin["OriginAccessControlId"] for origin in origins)


def test_a_firewall_limits_each_address_before_anything_else(prod: Template) -> None:
    (name,) = prod.of_type("AWS::WAFv2::WebACL")
    assert _distribution(prod)["WebACLId"] == {"Fn::GetAtt": [name, "Arn"]}
    acl = prod.of_type("AWS::WAFv2::WebACL")[name]
    assert acl["Scope"] == "CLOUDFRONT"
    first = min(acl["Rules"], key=lambda rule: int(rule["Priority"]))
    assert first["Action"] == {"Block": {}}
    assert first["Statement"]["RateBasedStatement"]["AggregateKeyType"] == "IP"


def test_the_api_knows_when_cloudfront_is_in_front(prod: Template) -> None:
    (distribution,) = prod.of_type("AWS::CloudFront::Distribution").values()
    sent = [
        header["HeaderValue"]
        for origin in distribution["DistributionConfig"]["Origins"]
        for header in origin.get("OriginCustomHeaders", [])
        if header["HeaderName"] == "X-Frontdesk-Edge"
    ]
    api = prod.functions()["api.handler.handler"]["Environment"]["Variables"]
    assert sent == [api["FRONTDESK_EDGE_TOKEN"]]


def test_a_page_that_is_not_there_is_answered_by_a_function_that_fits_the_edge(
    prod: Template,
) -> None:
    [function] = prod.of_type("AWS::CloudFront::Function").values()
    code = function["FunctionCode"]
    assert len(code) < 10_000
    assert "/dashboard.html" in code
    associations = _distribution(prod)["DefaultCacheBehavior"]["FunctionAssociations"]
    assert [each["EventType"] for each in associations] == ["viewer-request"]
    assert not [
        each for each in _distribution(prod)["CacheBehaviors"] if each.get("FunctionAssociations")
    ]


def test_what_never_changes_is_kept_for_a_year_and_beside_the_versions_before(
    prod: Template,
) -> None:
    uploads = list(prod.of_type("Custom::CDKBucketDeployment").values())
    versions = next(each for each in uploads if each.get("Include") == ["v/*"])
    pages = next(each for each in uploads if each.get("Exclude") == ["v/*"])
    assert versions["SystemMetadata"]["cache-control"] == "max-age=31536000, immutable"
    assert versions["Prune"] is False
    assert pages["SystemMetadata"]["cache-control"] == "max-age=300"
