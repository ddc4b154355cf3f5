"""The command ``callfloor``: starts a service, or answers a question about this machine.

Exit status: 0 done, 1 the machine or a service failed, 2 the user's input or settings are wrong.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from appliance.settings import Settings

ServiceName = Literal["bus", "edge", "pbx", "gsm", "pstn", "panel"]
SERVICES: dict[ServiceName, tuple[str, str]] = {  # in the order in which they are started: function, what it is
    "bus": ("appliance.programs:run_bus", "the message bus (mosquitto)"),
    "edge": ("appliance.programs:run_edge", "the SIP edge towards the phones (Kamailio)"),
    "pbx": ("pbx.main:main", "the core: routing, IVR, queues, recording, ledger"),
    "gsm": ("gateways.gsm.main:main", "the gateway to the GSM modems"),
    "pstn": ("gateways.pstn.main:main", "the gateway to telephone lines: FXO ports and PRI spans"),
    "panel": ("appliance.panel.main:main", "the web panel"),
}
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
Run = Callable[[argparse.Namespace, "Settings"], int]


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status; a user never sees a traceback for a mistake of theirs."""
    arguments = _parser().parse_args(argv)
    from appliance.settings import SettingsError, load
    from appliance.store.errors import StoreError

    try:
        run: Run = arguments.run
        status = run(arguments, load(getattr(arguments, "settings", None)))
        sys.stdout.flush()
    except SettingsError as error:
        return _fail(str(error), 2)
    except StoreError as error:
        return _fail(f"callfloor: {error}", 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more at exit
        return 141
    return status


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="settings (default: $CALLFLOOR_SETTINGS, else /etc/callfloor/callfloor.toml)",
    )
    parser = argparse.ArgumentParser(
        prog="callfloor", description="The phone system of a call floor.", parents=[common]
    )
    parser.add_argument("--version", action="version", version=f"callfloor {version('callfloor')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (_, text) in SERVICES.items():
        service = commands.add_parser(name, help=f"run {text}", parents=[common])
        service.set_defaults(run=_service, service=name)
        if name == "gsm":
            _add_gsm(service, common)
        elif name == "pstn":
            _add_pstn(service, common)
    _add_report(commands.add_parser("report", help="calls, queues or agents of a period", parents=[common]))
    doctor = commands.add_parser("doctor", help="what of this machine is ready, line by line", parents=[common])
    doctor.add_argument("--json", action="store_true", help="a list of objects")
    doctor.set_defaults(run=_doctor)
    _add_store(commands.add_parser("store", help="the database and what is configured in it"), common)
    return parser


def _add_gsm(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    from gateways.gsm.cli_arguments import add_arguments

    add_arguments(parser, common, _gsm)


def _gsm(arguments: argparse.Namespace, settings: Settings) -> int:
    from gateways.gsm.cli import run

    return run(arguments, settings)


def _add_pstn(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    from gateways.pstn.cli_arguments import add_arguments

    add_arguments(parser, common, _pstn)


def _pstn(arguments: argparse.Namespace, settings: Settings) -> int:
    from gateways.pstn.cli import run

    return run(arguments, settings)


def _add_report(parser: argparse.ArgumentParser) -> None:
    from appliance.report.arguments import add_arguments

    add_arguments(parser)
    parser.set_defaults(run=_report)


def _add_store(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    migrate = commands.add_parser("migrate", help="make or update the tables", parents=[common])
    migrate.set_defaults(run=_store, store_command="migrate")
    apply = commands.add_parser("apply", help="apply a site description", parents=[common])
    apply.add_argument("file", type=Path, help="TOML: lines, extensions, agents, queues, routes, IVR flows")
    apply.add_argument("--who", metavar="NAME", help="who makes the change (default: the user logged in)")
    apply.set_defaults(run=_store, store_command="apply")
    show = commands.add_parser("show", help="print what is configured as a site description", parents=[common])
    show.set_defaults(run=_store, store_command="show")


def _service(arguments: argparse.Namespace, settings: Settings) -> int:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    name: ServiceName = arguments.service
    settings.check_ready(name)
    module_name, _, function = SERVICES[name][0].partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        return _fail(f"callfloor {name}: the Python module {error.name} isn't installed; run `make setup`", 1)
    start: Callable[[Settings], int] = getattr(module, function)
    return start(settings)


def _report(arguments: argparse.Namespace, settings: Settings) -> int:
    from appliance.report.command import run

    return run(arguments, settings)


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from appliance.doctor.command import run

    return run(settings, as_json=arguments.json)


def _store(arguments: argparse.Namespace, settings: Settings) -> int:
    from appliance.store import command

    return command.run(arguments, settings)


def _fail(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
