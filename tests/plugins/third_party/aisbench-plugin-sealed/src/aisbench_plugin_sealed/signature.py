"""AWS's Signature Version 4, as its documentation describes it, for requests without a query:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "sealed"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(
    secret: str, region: str, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[str, str]:
    """The names of the signed headers, and the signature. ``headers`` have lower-case names, with
    ``x-amz-date`` among them."""
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        [
            method,
            path,
            "",
            *(f"{name}:{headers[name].strip()}" for name in sorted(headers)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    instant = headers["x-amz-date"]
    scope = f"{instant[:8]}/{region}/{SERVICE}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = _mac(f"AWS4{secret}".encode(), instant[:8])
    for part in (region, SERVICE, "aws4_request"):
        key = _mac(key, part)
    return names, _mac(key, f"{ALGORITHM}\n{instant}\n{scope}\n{digest}").hex()
