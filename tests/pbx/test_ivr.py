"""IVR flows: what is refused, and how a caller walks through one."""

from __future__ import annotations

from typing import Any

import pytest

from pbx.ivr.engine import Leave, Note, PlayPrompt, WaitForKey, Walk
from pbx.ivr.flow import parse
from pbx.routing import Target

FLOW: dict[str, Any] = {
    "start": "hello",
    "steps": {
        "hello": {"type": "play", "prompt": "hello", "next": "menu"},
        "menu": {
            "type": "menu",
            "prompt": "welcome",
            "timeout": 5,
            "repeat": 2,
            "keys": {"1": "queue:sales", "9": "menu"},
            "on_timeout": "queue:support",
            "on_invalid": "hangup",
        },
    },
}


def changed(**menu: Any) -> dict[str, Any]:
    return {"start": "menu", "steps": {"menu": {**FLOW["steps"]["menu"], **menu}}}


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ({"steps": {}}, "start: Field required"),
        (
            {"start": "x", "steps": {"y": FLOW["steps"]["hello"] | {"next": "hangup"}}},
            "start: 'x' is no step; allowed: y",
        ),
        (changed(keys={"12": "hangup"}), "'12' is no key"),
        (changed(keys={"1": "nowhere"}), "steps.menu: 'nowhere' is no target"),
        (changed(timeout=0), "greater than 0"),
        (changed(colour="red"), "Extra inputs"),
        ({"start": "a", "steps": {"a": {"type": "song", "prompt": "x"}}}, "tag"),
        (
            {
                "start": "a",
                "steps": {
                    "a": {"type": "play", "prompt": "x", "next": "b"},
                    "b": {"type": "play", "prompt": "x", "next": "a"},
                },
            },
            "circle",
        ),
    ],
)
def test_wrong_flow_is_refused_in_one_line(definition: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=f"^ivr flow main: .*{says}") as caught:
        parse("main", definition)
    assert "\n" not in str(caught.value)


def test_flow_knows_its_targets_and_prompts() -> None:
    flow = parse("main", FLOW)
    assert flow.targets() == {Target("queue", "sales"), Target("queue", "support"), Target("hangup")}
    assert flow.prompts() == {"hello", "welcome", "invalid"}


def walk_to_menu() -> Walk:
    walk = Walk(parse("main", FLOW))
    assert walk.start() == [Note("hello", "entered"), PlayPrompt("hello")]
    assert walk.prompt_ended() == [Note("menu", "entered"), PlayPrompt("welcome")]
    return walk


def test_a_key_leaves_even_while_the_prompt_plays() -> None:
    assert walk_to_menu().key("1") == [Note("menu", "key", "1"), Leave(Target("queue", "sales"))]


def test_no_key_repeats_then_gives_up() -> None:
    walk = walk_to_menu()
    assert walk.prompt_ended() == [WaitForKey(5)]
    assert walk.timed_out() == [Note("menu", "timeout"), PlayPrompt("welcome")]
    assert walk.prompt_ended() == [WaitForKey(5)]
    assert walk.timed_out() == [Note("menu", "timeout"), Leave(Target("queue", "support"))]


def test_wrong_key_is_said_then_the_menu_again_then_given_up() -> None:
    walk = walk_to_menu()
    assert walk.key("5") == [Note("menu", "invalid", "5"), PlayPrompt("invalid")]
    assert walk.prompt_ended() == [PlayPrompt("welcome")]
    assert walk.prompt_ended() == [WaitForKey(5)]
    assert walk.key("6") == [Note("menu", "invalid", "6"), Leave(Target("hangup"))]


def test_a_key_may_lead_back_to_the_menu_and_counts_anew() -> None:
    walk = walk_to_menu()
    walk.key("5")
    assert walk.key("9") == [Note("menu", "key", "9"), Note("menu", "entered"), PlayPrompt("welcome")]
    assert walk.key("5") == [Note("menu", "invalid", "5"), PlayPrompt("invalid")]


def test_after_leaving_nothing_happens() -> None:
    walk = walk_to_menu()
    walk.key("1")
    assert walk.key("1") == walk.prompt_ended() == walk.timed_out() == []


def test_keys_during_an_announcement_are_ignored() -> None:
    walk = Walk(parse("main", FLOW))
    walk.start()
    assert walk.key("1") == []
