"""Plays a short file on 200 players at once, over and over, and is done with them just when it ends: crash or not.

``python -m tests.pbx.prompts_process FOLDER ROUNDS``; prints the rounds that it came through.
"""

from __future__ import annotations

import random
import sys
import time
import wave
from pathlib import Path

import pjsua2 as pj

from pbx.loop import Loop
from pbx.sip.audio import Resting, player

PLAYERS = 200
SECONDS = 0.1


def main(folder: Path, rounds: int) -> None:
    """Without ``Resting`` the process dies in the first rounds."""
    file = folder / "short.wav"
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(bytes(round(SECONDS * 16000)))
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt, config.uaConfig.mainThreadOnly = 0, True
    config.logConfig.level = config.logConfig.consoleLevel = 1
    config.medConfig.clockRate = config.medConfig.sndClockRate = 8000
    endpoint.libInit(config)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    ear, loop = endpoint.audDevManager().getPlaybackDevMedia(), Loop()
    resting, chance = Resting(loop), random.Random(1)
    for number in range(rounds):
        players = [player(file) for _ in range(PLAYERS)]
        for one in players:
            one.startTransmit(ear)
        time.sleep(SECONDS + chance.uniform(0.0, 0.06))
        while players:
            resting.add(players.pop(), ear)
        del one
        loop.turn()
        print(number + 1, flush=True)
    resting.close()
    del ear
    endpoint.libDestroy()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
