"""A PostgreSQL server for a test run: `postgres_server.py start FOLDER` prints its URL, `stop FOLDER` ends it.

Uses the installed server binaries, trust authentication on a free port of 127.0.0.1, and no durability: the folder is
made anew and belongs to the run. As root the server runs as the user `postgres`, which PostgreSQL insists on.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=60"


def start(folder: Path) -> str:
    """Initialise a cluster in `folder` (empty or absent) and serve it; returns a URL for SQLAlchemy and psycopg."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    _run("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--no-sync",
         "--locale", "C.UTF-8")  # fmt: skip
    port = _free_port()
    where = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    _run("pg_ctl", "--pgdata", data, "--log", folder / "log", "--wait", "-o", f"{where} {_FAST}", "start")
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def stop(folder: Path) -> None:
    """Stop the server and remove its folder."""
    _run("pg_ctl", "--pgdata", folder / "data", "--mode", "immediate", "stop")
    shutil.rmtree(folder)


def _run(program: str, *arguments: str | Path) -> None:
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        [_binary(program), *map(str, arguments)], check=True, user=user, group=user, extra_groups=[] if user else None,
        stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip


def _binary(program: str) -> str:
    """From the PATH, else the newest of Debian's versions."""
    found = shutil.which(program)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise SystemExit(f"{program} is not installed: install PostgreSQL (Debian: apt-get install postgresql)")
    return str(versions[-1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    if chosen.action == "start":
        sys.stdout.write(start(chosen.folder.absolute()) + "\n")
    else:
        stop(chosen.folder.absolute())


if __name__ == "__main__":
    main()
