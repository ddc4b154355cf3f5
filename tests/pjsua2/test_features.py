from pathlib import Path

from tests.pjsua2.scripts import run_script


def test_codecs_and_openssl_3(tmp_path: Path) -> None:
    found = run_script("run_features", tmp_path)

    names = {codec.split("/")[0] for codec in found["codecs"]}
    assert {"PCMU", "PCMA", "G722", "opus"} <= names
    assert "libssl.so.3" in found["libraries"]
    assert found["tls"] == "TLSv1.3"


def test_a_srtp_only_call_is_secured_and_offers_telephone_events(tmp_path: Path) -> None:
    found = run_script("run_call", "srtp", tmp_path / "rtp")

    assert found["secured"]
    assert "RTP/SAVP" in found["offer"]
    assert "a=crypto:" in found["offer"]
    assert "telephone-event/8000" in found["offer"]
    assert found["received"] > 50
