"""What the prompts say, in each language, and the tones.

A queue position is said as three prompts: you-are-number, n1 to n20 or n20-plus, in-queue.
Japanese is written in kana with spaces between phrases: espeak-ng reads no kanji.
"""

from __future__ import annotations

VOICES: dict[str, tuple[str, int, int]] = {
    "en": ("en-us", 150, 45),
    "ja": ("jpx/ja", 140, 50),
}  # voice, words a minute, pitch

_EN_NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_JA_DIGITS = ("", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう")


def _ja_number(number: int) -> str:
    """1 to 20 in kana, with the counter for places in line (ばんめ)."""
    tens, units = divmod(number, 10)
    return f"{'' if tens < 2 else _JA_DIGITS[tens]}{'じゅう' if tens else ''}{_JA_DIGITS[units]} ばんめ"


TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "welcome": "Thank you for calling. For sales, press one. For support, press two.",
        "invalid": "That is not one of the choices.",
        "goodbye": "Thank you for calling. Goodbye.",
        "please-hold": "Please hold. Your call will be answered as soon as possible.",
        "you-are-number": "You are caller number",
        **{f"n{number}": word for number, word in enumerate(_EN_NUMBERS, 1)},
        "n20-plus": "more than twenty",
        "in-queue": "in the queue. Thank you for waiting.",
        "no-agent": "We are sorry, nobody can take your call now. Please call again later.",
        "line-busy": "All lines are busy. Please try again in a moment.",
        "agent-logged-in": "You are logged in.",
        "agent-logged-out": "You are logged out.",
        "agent-paused": "You are paused. No calls will come.",
        "agent-unpaused": "You are available.",
        "wrong-code": "That code is not known.",
    },
    "ja": {
        "welcome": "おでんわ ありがとう ございます。こうにゅうは いちを、サポートは にを おしてください。",
        "invalid": "その ばんごうは つかえません。",
        "goodbye": "おでんわ ありがとう ございました。しつれい いたします。",
        "please-hold": "じゅんばんに おつなぎ いたします。そのまま おまちください。",
        "you-are-number": "おきゃくさまの じゅんばんは",
        **{f"n{number}": _ja_number(number) for number in range(1, 21)},
        "n20-plus": "にじゅうばんめ よりも あと",
        "in-queue": "です。もうしばらく おまちください。",
        "no-agent": "もうしわけ ございません。ただいま おでんわに でられません。のちほど おかけなおし ください。",
        "line-busy": "ただいま かいせんが こみあって おります。しばらくしてから おかけなおし ください。",
        "agent-logged-in": "ログイン しました。",
        "agent-logged-out": "ログアウト しました。",
        "agent-paused": "いちじ ていし しました。",
        "agent-unpaused": "うけつけを さいかい しました。",
        "wrong-code": "その コードは ありません。",
    },
}

# name -> (hertz, seconds) one after the other; 0 Hz is silence
TONES: dict[str, tuple[tuple[float, float], ...]] = {
    "caller-gone": (
        (950.0, 0.3),
        (0.0, 0.03),
        (1400.0, 0.3),
        (0.0, 0.03),
        (1800.0, 0.3),
        (0.0, 0.6),
    ),  # ITU-T E.180 SIT
    "busy-tone": ((400.0, 0.5), (0.0, 0.5), (400.0, 0.5), (0.0, 0.5)),  # Japan's busy tone
}
