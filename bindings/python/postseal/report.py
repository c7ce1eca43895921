"""Results as frozen dataclasses, made from the library's JSON."""

from __future__ import annotations

import enum
import json as _json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Sequence


class Result(str, enum.Enum):
    """The result words of RFC 8601 §2.7."""

    NONE = "none"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    POLICY = "policy"
    NEUTRAL = "neutral"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class SpfResult:
    """What SPF says of one identity. RFC 7208."""

    result: Result
    reason: str
    domain: str
    scope: str
    mechanism: Optional[str]
    explanation: Optional[str]
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "SpfResult":
        return cls(Result(raw["result"]), raw["reason"], raw["domain"] or "", raw["scope"],
                   raw.get("mechanism"), raw.get("explanation"), raw)


@dataclass(frozen=True)
class Signature:
    """What became of one DKIM signature. RFC 6376."""

    result: Result
    reason: str
    detail: str
    domain: str
    selector: str
    identity: str
    algorithm: str
    key_bits: int
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "Signature":
        return cls(Result(raw["result"]), raw["reason"], raw["detail"], raw["domain"],
                   raw["selector"], raw["identity"], raw["algorithm"], raw["key_bits"], raw)


@dataclass(frozen=True)
class DmarcResult:
    """What DMARC says. RFC 9989. `disposition` is what the policy asks for this message."""

    result: Result
    reason: str
    from_domain: str
    policy_domain: Optional[str]
    org_domain: Optional[str]
    policy: Optional[str]
    disposition: str
    aligned_spf: bool
    aligned_dkim: bool
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def _of(cls, raw: Mapping[str, Any]) -> "DmarcResult":
        own = raw.get("rfc9989", raw)
        return cls(Result(own["result"]), own["reason"], own["from_domain"], own["policy_domain"],
                   own["org_domain"], own["policy"], own["disposition"], own["aligned"]["spf"],
                   own["aligned"]["dkim"], raw)


@dataclass(frozen=True)
class Lookup:
    """One DNS query that was asked, and what came of it."""

    name: str
    type: str
    outcome: str
    secure: bool


@dataclass(frozen=True)
class Report:
    """All that verifying a message found. `raw` is the whole of it, as `json` has it."""

    result: Result
    spf: Optional[SpfResult]
    spf_helo: Optional[SpfResult]
    dkim: Sequence[Signature]
    dmarc: Optional[DmarcResult]
    dns: Sequence[Lookup]
    authentication_results: str
    explanation: str = field(repr=False)
    json: str = field(repr=False)
    evidence: Optional[str] = field(repr=False, default=None)
    raw: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    @property
    def passed(self) -> bool:
        """The message is authenticated: see the C ABI's postseal_verify_result."""
        return self.result is Result.PASS

    @classmethod
    def _of(cls, result: Result, field_text: str, explanation: str, json: str,
            evidence: Optional[str]) -> "Report":
        raw = _json.loads(json)
        return cls(
            result=result,
            spf=SpfResult._of(raw["spf"]) if raw["spf"] else None,
            spf_helo=SpfResult._of(raw["spf_helo"]) if raw["spf_helo"] else None,
            dkim=tuple(Signature._of(signature) for signature in raw["dkim"]),
            dmarc=DmarcResult._of(raw["dmarc"]) if raw["dmarc"] else None,
            dns=tuple(Lookup(r["name"], r["type"], r["outcome"], r["secure"]) for r in raw["dns"]),
            authentication_results=field_text,
            explanation=explanation,
            json=json,
            evidence=evidence,
            raw=raw,
        )
