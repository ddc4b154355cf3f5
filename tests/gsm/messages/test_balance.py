"""Balances by rule: on schedule, by command, pushed by the network; kept with their time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.store import Store
from appliance.store.message_models import SimBalance
from appliance.store.sim_models import Carrier, Sim
from gateways.gsm.dialects import Identity, Operator
from gateways.gsm.messages import Balance, UssdAnswer
from gateways.gsm.messages.balance import Plan, Who, due_in, plan
from tests.gsm.messages.bench import ICCID, START, Bench

PATTERN = r"(?P<currency>JPY) (?P<amount>[\d.,]+)(?:.*until (?P<expiry>\S+))?"


def rule(store: Store, carrier: str = "TESTNET", ussd: str = "*100#", pattern: str = PATTERN, every: int = 60) -> None:
    with store.session() as session:
        session.add(Carrier(name=carrier, ussd_balance=ussd, balance_pattern=pattern, balance_every=every))


def asked(bench: Bench) -> list[str]:
    return [command for command in bench.far.heard if command.startswith("AT+CUSD=1")]


def test_asked_on_schedule_and_stored_with_its_time(bench: Bench, store: Store) -> None:
    rule(store)
    bench.messages.on(Operator("TESTNET"))
    bench.wait(21)
    assert asked(bench) == ['AT+CUSD=1,"*100#",15']
    bench.say('+CUSD: 0,"You have JPY 1,050.50 until 2026-12-31",15')
    [balance] = bench.told(Balance)
    assert (balance.iccid, balance.amount, balance.currency, balance.expiry) == (ICCID, 1050.5, "JPY", "2026-12-31")
    [row] = bench.rows(SimBalance)
    assert (row.amount, row.at, row.error) == (1050.5, bench.utc(), None)
    bench.wait(3500)
    assert len(asked(bench)) == 1
    bench.wait(110)
    assert len(asked(bench)) == 2
    bench.say("+CUSD: 2")
    [row] = bench.rows(SimBalance)
    assert (row.amount, row.at, row.error) == (1050.5, balance.at, "the network ended the session")


def test_menus_are_answered_by_the_rule(bench: Bench, store: Store) -> None:
    rule(store, ussd="*100# > 2 > 1", every=0)
    bench.messages.on(Operator("TESTNET"))
    bench.messages.refresh_balance()
    bench.settle()
    bench.say('+CUSD: 1,"1 Voice 2 Account",15')
    bench.say('+CUSD: 1,"1 Balance 2 Top up",15')
    bench.say('+CUSD: 1,"JPY 7. 0 Back to menu",15')
    assert asked(bench) == [f'AT+CUSD=1,"{text}",15' for text in ("*100#", "2", "1")]
    assert bench.told(Balance)[0].amount == 7.0
    assert "AT+CUSD=2" in bench.far.heard


def test_without_schedule_it_is_never_asked_by_itself(bench: Bench, store: Store) -> None:
    rule(store, every=0)
    bench.messages.on(Operator("TESTNET"))
    bench.wait(2000)
    assert asked(bench) == []


def test_by_command_without_a_rule_says_what_to_do(bench: Bench) -> None:
    bench.messages.refresh_balance()
    bench.settle()
    [balance] = bench.told(Balance)
    assert balance.error == "no balance rule for this SIM: give its carrier ussd_balance and balance_pattern"


def test_a_pattern_that_does_not_match_keeps_the_answer_for_people_to_see(bench: Bench, store: Store) -> None:
    rule(store, pattern="(?P<amount>[0-9]+) EUR")
    bench.messages.on(Operator("TESTNET"))
    bench.messages.refresh_balance()
    bench.settle()
    bench.say('+CUSD: 0,"You have JPY 5",15')
    [row] = bench.rows(SimBalance)
    assert row.amount is None
    assert "You have JPY 5" in (row.error or "")


def test_what_the_network_pushes_after_a_call_counts(bench: Bench, store: Store) -> None:
    rule(store, every=0)
    bench.messages.on(Operator("TESTNET"))
    bench.say('+CUSD: 0,"Call cost 3. You have JPY 42",15')
    bench.say('+CUSD: 0,"Happy new year",15')
    assert [balance.amount for balance in bench.told(Balance)] == [42.0]
    assert len(bench.told(UssdAnswer)) == 2


def test_a_line_with_a_call_is_asked_later(bench: Bench, store: Store) -> None:
    rule(store)
    bench.messages.on(Operator("TESTNET"))
    bench.calm = False
    bench.wait(60)
    assert asked(bench) == []
    bench.calm = True
    bench.wait(40)
    assert len(asked(bench)) == 1


def test_the_home_network_goes_before_the_one_visited(bench: Bench, store: Store) -> None:
    rule(store, "home", "*1#")
    rule(store, "TESTNET", "*2#")
    with store.session() as session:
        session.get_one(Carrier, "home").imsi_prefixes = ["44010"]
    bench.messages.on(Operator("TESTNET", "26201"))
    bench.messages.on(Identity("imsi", "440100123456789"))
    bench.messages.refresh_balance()
    bench.settle()
    assert asked(bench) == ['AT+CUSD=1,"*1#",15']


@pytest.mark.parametrize(
    ("imsi", "network", "described", "ussd"),
    [
        (None, None, None, None),
        (None, "Net", None, "*3#"),
        (None, "Other", None, None),
        ("440109912345678", "Net", None, "*2#"),
        ("440101212345678", "Net", None, "*1#"),
        ("262011212345678", "Net", None, "*3#"),
        ("440101212345678", "Net", "mvno", "*2#"),
        ("440101212345678", "Net", "silent", None),
    ],
)
def test_a_sim_has_the_rule_of_its_carrier(
    store: Store, imsi: str | None, network: str | None, described: str | None, ussd: str | None
) -> None:
    with store.session() as session:
        for name, prefix, code in (("home", "44010", "*1#"), ("mvno", "4401099", "*2#"), ("Net", "99999", "*3#")):
            session.add(Carrier(name=name, imsi_prefixes=[prefix], ussd_balance=code, balance_pattern="x"))
        session.add(Carrier(name="silent", imsi_prefixes=[]))
        session.add(Sim(iccid=ICCID, carrier=described))
    with store.session() as session:
        found = plan(session, START, Who(ICCID, imsi, network))
    assert found == (None if ussd is None else Plan((ussd,), "x", 0.0))


@pytest.mark.parametrize(
    ("every", "minutes_ago", "due"),
    [(0, None, None), (60, None, 0.0), (60, 60, 0.0), (60, 45, 900.0), (60, -5, 0.0)],
)
def test_due_in(every: int, minutes_ago: int | None, due: float | None) -> None:
    tried = None if minutes_ago is None else START - timedelta(minutes=minutes_ago)
    assert due_in(every, tried, START) == due
