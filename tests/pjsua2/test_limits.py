from tests.pjsua2.scripts import run_script


def test_600_calls_at_once_in_one_process() -> None:
    found = run_script("run_many_calls", 300, seconds=60)

    assert found["confirmed"] == 600
    assert found["active"] == 600
    assert found["ended"] == 600
