"""What asset_inquiry and payments would say about one case, put on their topics as they would put it there."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer

from libs.bus.cloudevents import Envelope, encode
from libs.foundation.clock import instant_text
from libs.foundation.ids import new_id
from libs.schemas import asset_inquiry, payments
from libs.schemas.envelope import Event
from libs.schemas.parts import CaseAccountRef, Due
from libs.schemas.topics import topic_of_event
from tests.integration.intake.house import COURT, MORNING, House

NEVER = Due(due_at=MORNING, nominal_day=MORNING.date(), last_day=MORNING.date(), rule="R-PAY-04", explanation="")


class Partners:
    """Speaks for the two services; every stream of theirs counts its own `seq`."""

    def __init__(self, house: House, case_id: str) -> None:
        self.house = house
        self.case_id = case_id
        self._producer = AIOKafkaProducer(bootstrap_servers=house.kafka_bootstrap)
        self._seqs = {"payments": itertools.count(1), "asset_inquiry": itertools.count(1)}
        self._recovered = 0

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def say(self, event: Event) -> None:
        topic = topic_of_event(type(event))
        assert topic is not None
        category = "account" if event.SERVICE == "payments" else "controls"
        envelope = Envelope(
            id=new_id("evt"),
            type=event.type_text(),
            service=event.SERVICE,
            stream=f"{category}/{self.case_id}",
            seq=next(self._seqs[event.SERVICE]),
            court=COURT,
            key=self.case_id,
            at=instant_text(datetime.now(UTC)),
            correlation_id="",
            causation_id=None,
            trace=None,
            data=event.data(),
        )
        record = encode(envelope)
        await self._producer.send_and_wait(
            self.house.prefix + topic.name, record.value, key=record.key, headers=list(record.headers)
        )

    async def account_opened(self, account: CaseAccountRef) -> None:
        await self.say(payments.CaseAccountOpened(case_id=self.case_id, case_number="-", account=account))
        await self._seen(lambda debt: debt["account"] is not None)

    async def debt_assessed(self, total: int) -> None:
        await self.say(
            payments.DebtAssessed(
                case_id=self.case_id,
                as_of=date(2026, 3, 2),
                lines=(),
                principal_fen=total,
                interest_fen=0,
                fee_fen=0,
                total_fen=total,
            )
        )
        await self._seen(lambda debt: debt["debt_fen"] == total)

    async def inquiry_completed(self, found: int, *, needs_disposal: bool = False) -> None:
        await self.say(
            asset_inquiry.InquiryCompleted(
                inquiry_id="inq", case_id=self.case_id, found_fen=found, assets_found=2, needs_disposal=needs_disposal
            )
        )

    async def frozen(self, order: str, amounts: dict[str, int]) -> None:
        measures = tuple(f"mea-{agency}" for agency in amounts)
        await self.say(
            asset_inquiry.ControlOrderAccepted(
                case_id=self.case_id, control_order_id=order, kind="FREEZE", measure_ids=measures
            )
        )
        for agency, amount in amounts.items():
            names = {"case_id": self.case_id, "measure_id": f"mea-{agency}", "agency_id": agency}
            item: dict[str, Any] = names | {"request_number": f"DJ-{agency}", "sequence": 1}
            await self.say(
                asset_inquiry.ControlRequested(
                    **item, control_order_id=order, asset_id=f"ast-{agency}", requested_limit_fen=amount
                )
            )
            await self.say(
                asset_inquiry.ControlEffective(
                    **item, controlled_fen=amount, effective_from=MORNING, agency_reference="ref"
                )
            )

    async def paid_in_and_out(self, order: str, amounts: dict[str, int]) -> None:
        for agency, amount in amounts.items():
            names = {
                "case_id": self.case_id,
                "measure_id": f"mea-{agency}",
                "deduction_id": f"ded-{agency}",
                "agency_id": agency,
            }
            await self.say(
                asset_inquiry.DeductionAnswered(
                    **names,
                    request_number=f"KH-{agency}",
                    sequence=1,
                    deducted_fen=amount,
                    remaining_frozen_fen=0,
                    settlement="SENT",
                    payment_reference=f"pay-{order}-{agency}",
                )
            )
            self._recovered += amount
            await self.say(
                payments.AccountCredited(
                    case_id=self.case_id,
                    incoming_id=f"inc-{agency}",
                    amount_fen=amount,
                    legs=(),
                    bank_id="custodian",
                    reference=f"line-{agency}",
                    payer_display="李**",
                    value_at=MORNING,
                    balance_fen=self._recovered,
                    recovered_fen=self._recovered,
                    payment_notice_due=NEVER,
                    payout_due=NEVER,
                    outer_limit=NEVER,
                )
            )
        await self.say(
            payments.AccountSettled(case_id=self.case_id, recovered_fen=self._recovered, paid_out_fen=self._recovered)
        )

    async def released(self, agencies: list[str]) -> None:
        for agency in agencies:
            await self.say(
                asset_inquiry.ControlReleased(
                    case_id=self.case_id,
                    measure_id=f"mea-{agency}",
                    agency_id=agency,
                    request_number=f"JD-{agency}",
                    sequence=1,
                    released_at=MORNING,
                )
            )

    async def _seen(self, reached: object) -> None:
        assert callable(reached)
        await self.house.until(
            f"/v1/enforcement-cases/{self.case_id}", lambda case: case["debt"] is not None and reached(case["debt"])
        )
