"""The token ledger of a load: what was asked for, what each side counted, and what came."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TokenTotal:
    """A sum over the measured requests that succeeded; ``known`` of them have that count."""

    total: int | None
    """Tokens; None when no request has the count."""
    known: int


@frozen(kw_only=True)
class TokenSources:
    """How many requests took their number of tokens from where: from the server's count, from
    the tokenizer's where the server gave none, or from neither."""

    server: int
    tokenizer: int
    unknown: int


@frozen(kw_only=True)
class OutputLedger:
    """Output tokens of the measured requests that succeeded. Counts of requests, unless it is
    said otherwise; None where an earlier version wrote the summary, and did not count that."""

    asked: TokenTotal
    """``max_tokens``, where it was sent."""
    server: TokenTotal
    tokenizer: TokenTotal
    events: TokenTotal
    """Events that carried tokens: not tokens, for an event may carry several or none."""
    reads: TokenTotal
    """Reads of the socket that brought such events."""
    reasoning: TokenTotal
    """As the server counted them; among the others."""
    source: TokenSources
    server_tokenizer_differ: int
    """Those in which ``|server - tokenizer|`` is above 2, and above 5 % of the greater."""
    server_tokenizer_compared: int | None = None
    """Those that both counted."""
    events_differ: int | None = None
    """Those with another number of events than of tokens by the server's count."""
    over_asked: int | None = None
    """Those with more tokens than were asked for at most."""
    under_asked: int | None = None
    """Those with fewer, as they may have unless a length was demanded."""
    cancelled_events: int | None = None
    """Events with tokens of the requests that the client cut, which are in no other number."""


@frozen(kw_only=True)
class InputLedger:
    """Input tokens of the measured requests that succeeded. As :class:`OutputLedger`."""

    server: TokenTotal
    tokenizer: TokenTotal
    cached: TokenTotal
    """Those that the server took from its cache of prefixes."""
    source: TokenSources
    server_tokenizer_differ: int
    """Those in which ``|server - tokenizer|`` is above 2, and above 1 % of the greater."""
    server_tokenizer_compared: int | None = None


@frozen(kw_only=True)
class TokenLedger:
    """Both sides, of ``requests`` measured requests that succeeded."""

    requests: int
    output: OutputLedger
    input: InputLedger
