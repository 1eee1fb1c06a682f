"""Interest for delayed performance since 2014-08-01 (迟延履行期间的债务利息, R-PAY-20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from libs.foundation.fen import yuan
from libs.foundation.provision import Provision

DELAY_INTEREST = Provision(
    Fraction(175, 1_000_000),
    "R-PAY-20",
    "民事诉讼法 第264条; 法释〔2014〕8号 第1条、第2条",
    date(2014, 8, 1),
)
"""The rate of a day, 日万分之一点七五; never scaled by 365, leap years do not matter."""

FIRST_DAY_OFFSET = 0
"""Days between the end of the performance period and the day that is not counted yet: the last day itself is not
counted, the payment day is. One published example counts one day less: then this is 1 (open point 8)."""

ASSESSMENT_DAYS_AHEAD_MAX = Provision(
    30, "R-INQ-20", "查封规定 第19条: 以足以清偿债务及执行费用为限, 计至预计执行到位之日", date(2021, 1, 1)
)
"""How far ahead the debt may be assessed: to the day on which the money is expected, a house rule of thirty days."""

GENERAL_INTEREST_YEAR_DAYS = 365
"""Day-count of the interest that the document fixes, end-exclusive (open point 9)."""


@dataclass(frozen=True, slots=True)
class Repayment:
    """A part of the base that was paid on a day: from then on it bears no interest."""

    amount_fen: int
    paid_on: date


def delay_days(last_day: date, until: date, suspended: Sequence[tuple[date, date]] = ()) -> int:
    """Return the days of delay from the end of the performance period to `until`, the payment day counted.

    `suspended` are pairs (first day suspended, day resumed) of suspensions that the debtor did not ask for: from the
    first day to the day before the resumption nothing is counted (法释〔2014〕8号 第3条). They must not overlap. Never
    negative.
    """
    days = (until - last_day).days - FIRST_DAY_OFFSET
    for first, resumed in suspended:
        # Day n of the delay is last_day + n: the suspended ones among (last_day, until] are taken out.
        from_day, to_day = max((first - last_day).days, 1), min((resumed - last_day).days, (until - last_day).days + 1)
        days -= max(to_day - from_day, 0)
    return max(days, 0)


def doubled_part(
    base_fen: int,
    last_day: date,
    as_of: date,
    repayments: Sequence[Repayment] = (),
    suspended: Sequence[tuple[date, date]] = (),
) -> tuple[Fraction, list[str]]:
    """Return the doubled part in exact fen up to `as_of`, and its steps in words.

    Each repaid part runs to its own payment day; what is still unpaid runs to `as_of`. The base is the money debt
    except general interest; repayments beyond it bear nothing.
    """
    unpaid, parts = base_fen, dict[int, int]()
    for repayment in sorted(repayments, key=lambda item: item.paid_on):
        part = min(repayment.amount_fen, unpaid)
        unpaid -= part
        days = delay_days(last_day, min(repayment.paid_on, as_of), suspended)
        parts[days] = parts.get(days, 0) + part
    days = delay_days(last_day, as_of, suspended)
    parts[days] = parts.get(days, 0) + unpaid
    bearing = [(part, days) for days, part in sorted(parts.items()) if part > 0 and days > 0]
    rate = DELAY_INTEREST.value
    exact = sum((part * rate * days for part, days in bearing), Fraction(0))
    return exact, [f"{yuan(part)} × {float(rate):.6f} × {days} d" for part, days in bearing]


def general_interest(base_fen: int, yearly_rate: Fraction, first_day: date, end: date) -> Fraction:
    """Return the interest that the document fixes, in exact fen, from `first_day` to the day before `end`."""
    return base_fen * yearly_rate * (end - first_day).days / GENERAL_INTEREST_YEAR_DAYS
