# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Why spend changed, for usage that is in no store: the arithmetic of the view `change_between`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

PARTS = (
    "new", "gone", "coverage", "volume", "model", "mode",
    "prompt", "cache", "output", "price", "rates", "tools",
)  # fmt: skip
"""Why spend changes; `change_between` says what each of them means."""

_DIGITS = Decimal("1E-12")
_WITHIN = ("volume", "model", "mode", "prompt", "cache", "output", "price", "rates", "tools")
_PROMPT = range(3)

Four = tuple[float, float, float, float]
Key = tuple[str, str, str, str]
"""Feature, provider, model, mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What one feature used of one model in one mode; only what is priced, but for `unpriced`."""

    replies: float = 0
    unpriced: int = 0
    usd: Decimal = Decimal(0)
    tokens: Four = (0, 0, 0, 0)
    """Plain input, cache reads, cache writes, output."""
    token_usd: Four = (0, 0, 0, 0)
    """USD of each of the four."""
    neutral: Four | None = None
    """Cost over list price; None compares the price of a token as it was paid."""
    listed: Four = (0, 0, 0, 0)
    """List price of a token; 0 where none is known."""

    @property
    def other(self) -> float:
        """What is not tokens, USD."""
        return float(self.usd) - sum(self.token_usd)

    def __add__(self, more: Used) -> Used:
        """Both together; `neutral` and `listed` are left out."""
        return Used(
            replies=self.replies + more.replies,
            unpriced=self.unpriced + more.unpriced,
            usd=self.usd + more.usd,
            tokens=_four(a + b for a, b in zip(self.tokens, more.tokens, strict=True)),
            token_usd=_four(a + b for a, b in zip(self.token_usd, more.token_usd, strict=True)),
        )


_NOTHING = Used()


def split(
    a: Mapping[Key, Used], b: Mapping[Key, Used]
) -> dict[tuple[str, str, str], dict[str, Decimal]]:
    """The parts of the change from `a` to `b`, by feature, provider and model.

    They add up to the change to the last digit.
    """
    keys = sorted({*a, *b})
    of_feature = _sums(a, 1), _sums(b, 1)
    of_model = _sums(a, 3), _sums(b, 3)
    bases = {
        key: _Base.of(
            a.get(key, _NOTHING),
            b.get(key, _NOTHING),
            of_model[0].get(key[:3], _NOTHING),
            of_feature[0].get(key[:1], _NOTHING),
        )
        for key in keys
    }
    model_call = _model_calls(keys, b, bases, of_model)
    found: dict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(
        lambda: dict.fromkeys(PARTS, Decimal(0))
    )
    for key in keys:
        one, two = a.get(key, _NOTHING), b.get(key, _NOTHING)
        before, after = (sums.get(key[:1], _NOTHING) for sums in of_feature)
        parts = found[key[:3]]
        only = _only_part(before, after)
        if only:
            parts[only] += two.usd - one.usd
            continue
        growth = after.replies / before.replies
        within = bases[key].parts(one, two, growth, model_call[key[:3]])
        for name, value in zip(_WITHIN, _exact(within, one.usd, two.usd), strict=True):
            parts[name] += value
    return dict(found)


@dataclass(frozen=True, slots=True)
class _Base:
    """The usage a call of `b` is compared with, and the prices of its tokens."""

    tokens: Four
    other: float
    unit: Four
    a_price: Four
    b_price: Four

    @classmethod
    def of(cls, one: Used, two: Used, model: Used, feature: Used) -> _Base:
        """The cell's own usage in `a`, else its model's, else its feature's."""
        base = next((used for used in (one, model, feature) if used.replies), _NOTHING)
        calls = base.replies or 1
        b_price = _four(
            cost / quantity if quantity else 0
            for cost, quantity in zip(two.token_usd, two.neutral or two.tokens, strict=True)
        )
        a_price = b_price
        if one.replies:
            a_price = _four(
                cost / quantity if quantity else listed or new
                for cost, quantity, listed, new in zip(
                    one.token_usd, one.neutral or one.tokens, one.listed, b_price, strict=True
                )
            )
        return cls(
            tokens=_four(count / calls for count in base.tokens),
            other=base.other / calls,
            unit=_four(_unit(one, two, n, a_price[n]) for n in range(4)),
            a_price=a_price,
            b_price=b_price,
        )

    @property
    def call_usd(self) -> float:
        """What a call of this usage costs."""
        return _dot(self.tokens, self.unit, range(4)) + self.other

    def parts(self, one: Used, two: Used, growth: float, model_call: float) -> list[float]:
        """As `_WITHIN` names them."""
        spent, calls = float(one.usd), two.replies
        volume, old_models = spent * (growth - 1), -spent * growth
        if not calls:
            return [volume, old_models, 0, 0, 0, 0, 0, 0, 0]
        prompt = sum(self.tokens[n] for n in _PROMPT)
        long = sum(two.tokens[n] for n in _PROMPT)
        long_usd = _dot(two.tokens, self.unit, _PROMPT)
        unit = 0.0
        if prompt:
            unit = _dot(self.tokens, self.unit, _PROMPT) / prompt
        elif long:
            unit = long_usd / long
        neutral = two.neutral or two.tokens
        at_a, at_b = (_dot(neutral, price, range(4)) for price in (self.a_price, self.b_price))
        return [
            volume,
            calls * model_call + old_models,
            calls * (self.call_usd - model_call),
            (long - calls * prompt) * unit,
            long_usd - long * unit,
            (two.tokens[3] - calls * self.tokens[3]) * self.unit[3],
            at_b - at_a,
            at_a - _dot(two.tokens, self.unit, range(4)),
            two.other - calls * self.other,
        ]


def _unit(one: Used, two: Used, n: int, a_price: float) -> float:
    """The price of a token of `b` as `a` paid it; where `a` had none, as `b` does."""
    if one.replies and one.tokens[n]:
        return one.token_usd[n] / one.tokens[n]
    if two.tokens[n]:
        if one.replies:
            return a_price * (two.neutral or two.tokens)[n] / two.tokens[n]
        return two.token_usd[n] / two.tokens[n]
    return two.listed[n] or (two.token_usd[0] / two.tokens[0] if two.tokens[0] else 0)


def _model_calls(
    keys: Iterable[Key],
    b: Mapping[Key, Used],
    bases: Mapping[Key, _Base],
    of_model: tuple[Mapping[tuple[str, ...], Used], Mapping[tuple[str, ...], Used]],
) -> dict[tuple[str, ...], float]:
    """What a call of each feature and model costs with the usage of `a`."""
    expected: dict[tuple[str, ...], float] = defaultdict(float)
    for key in keys:
        expected[key[:3]] += b.get(key, _NOTHING).replies * bases[key].call_usd
    for model in expected:
        before, after = (sums.get(model, _NOTHING) for sums in of_model)
        if before.replies:
            expected[model] = float(before.usd) / before.replies
        elif after.replies:
            expected[model] /= after.replies
    return expected


def _only_part(before: Used, after: Used) -> str | None:
    """The one part that takes all of it, when a feature is in one window only."""
    if not before.replies:
        return ("coverage" if before.unpriced else "new") if after.replies else "volume"
    if not after.replies:
        return "coverage" if after.unpriced else "gone"
    return None


def _exact(parts: list[float], a_usd: Decimal, b_usd: Decimal) -> list[Decimal]:
    """Rounded, without the noise of floats; the largest one takes what is left over."""
    noise = 1e-12 * float(abs(a_usd) + abs(b_usd))
    found = [Decimal(part if abs(part) > noise else 0).quantize(_DIGITS) for part in parts]
    largest = max(range(len(found)), key=lambda n: abs(found[n]))
    found[largest] += b_usd - a_usd - sum(found)
    return found


def _sums(cells: Mapping[Key, Used], depth: int) -> dict[tuple[str, ...], Used]:
    sums: dict[tuple[str, ...], Used] = {}
    for key, used in cells.items():
        sums[key[:depth]] = sums.get(key[:depth], _NOTHING) + used
    return sums


def _dot(quantities: Four, prices: Four, which: Iterable[int]) -> float:
    return sum(quantities[n] * prices[n] for n in which)


def _four(values: Iterable[float]) -> Four:
    one, two, three, four = values
    return one, two, three, four
