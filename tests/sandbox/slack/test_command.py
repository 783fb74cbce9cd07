"""The command as a process: one line, then a clean end, with a socket open."""

import argparse
import re
import signal
import socket
import subprocess
import sys

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient

from sandbox.slack import command


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_prints_its_address_and_ends_cleanly(stop: signal.Signals) -> None:
    arguments = [sys.executable, "-m", "sandbox", "slack", "--port", "0", "--bot-token", "xoxb-mine"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"sandbox slack on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        client = WebClient(token="xoxb-mine", base_url=f"{found[1]}/api/")
        assert client.auth_test()["ok"] is True
        app = SocketModeClient(app_token="xapp-sandbox", web_client=client, auto_reconnect_enabled=False)
        app.connect()
        process.send_signal(stop)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""
        app.close()


def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert command.run(parser.parse_args(["--port", port])) == 2
    assert "in use" in capsys.readouterr().err
