"""Requests that schemathesis makes from /openapi.json, right and wrong ones: each answer is as described."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

_EXAMPLES = 10


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_the_interface_does_what_its_description_says(address: str, mode: str) -> None:
    """A query of random characters is often not valid, so right requests may be refused, with a described error."""
    schemathesis = pytest.importorskip("schemathesis")
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 8
    for operation in operations:
        if mode == "negative" and not operation.query:
            continue  # every text is an id, which may not exist

        @settings(max_examples=_EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode(mode)))
        def matches(case: Any) -> None:
            case.call_and_validate(checks=checks)

        matches()
