"""The command as a process: one line, then a clean end, with a socket open."""

import re
import signal
import subprocess
import sys

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient

_RUN = (
    "import argparse, sys; from sandbox.slack import command; p = argparse.ArgumentParser(); "
    "command.add_arguments(p); sys.exit(command.run(p.parse_args()))"
)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_prints_its_address_and_ends_cleanly(stop: signal.Signals) -> None:
    arguments = [sys.executable, "-c", _RUN, "--port", "0", "--bot-token", "xoxb-mine"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"sandbox slack on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        client = WebClient(token="xoxb-mine", base_url=f"{found[1]}/api/")
        assert client.auth_test()["ok"] is True
        socket = SocketModeClient(app_token="xapp-sandbox", web_client=client, auto_reconnect_enabled=False)
        socket.connect()
        process.send_signal(stop)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""
        socket.close()
