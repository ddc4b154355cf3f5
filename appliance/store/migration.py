"""Alembic run from code: no alembic.ini, no working directory, one transaction, one process at a time."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from appliance.store.errors import StoreError

LOCK_KEY = 0x63616C6C  # any number, the same in every process


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "appliance.store:migrations")
    return config


def head() -> str:
    """The revision this version of the code wants."""
    return str(_scripts().get_current_head())


def revision(engine: Engine) -> str | None:
    """The revision the database has; None: no tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, where: str) -> None:
    """Run the migrations that are missing, all or none."""
    with engine.connect() as connection:
        connection.detach()  # its pragmas change: it doesn't go back to the pool
        _begin(connection)
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:  # the database has a revision this version doesn't know
            raise StoreError("schema", where, f"made by a newer version of callfloor: {error}") from error
        _end(connection)


def _begin(connection: Connection) -> None:
    """Keep other processes out until the end of the transaction."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (LOCK_KEY,))
        return
    # A rebuilt table is dropped under its old name: with foreign keys on, that would delete the rows that refer to it.
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _end(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        connection.commit()
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        raise RuntimeError(f"migration broke a reference: {tuple(broken)}")
    connection.commit()
