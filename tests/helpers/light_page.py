"""Ages a photograph by the page's server of some installation, as .ci/run does.

As a program: python tests/helpers/light_page.py IPCGAN_WEB PHOTO.jpg.
"""

import http.client
import json
import re
import subprocess
import sys

_SECONDS = 60  # until the networks must be loaded.
_OWN = {"X-Ipcgan": "1"}


def ask(port, method, path, content=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    connection.request(method, path, content, _OWN)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status} {content[:200]!r}")
    return content


def check(program, photo):
    with subprocess.Popen(  # noqa: S603
        [program, "--port=0"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = int(re.search(r":(\d+)/", process.stdout.readline())[1])
            for _ in range(_SECONDS):  # Each answer waits a second for the networks.
                state = json.loads(ask(port, "GET", "/api/ready"))
                if state["ready"]:
                    break
            names = [family["name"] for family in state["families"]]
            if names != ["ipcgan", "ragan"] or not state["judged"]:
                sys.exit(f"The page lacks networks: {state}")
            with open(photo, "rb") as file:
                opened = json.loads(ask(port, "POST", "/api/pictures", file.read()))
            for name in names:
                wanted = {"faces": [1], "years": 60, "family": name}
                path = f"/api/pictures/{opened['id']}/age"
                content = ask(port, "POST", path, json.dumps(wanted))
                if b"DigitalSourceType" not in content:
                    sys.exit(f"{name}: the result is not marked as made by AI")
        finally:
            process.terminate()
    print("The page ages by", ", ".join(names))


if __name__ == "__main__":
    check(*sys.argv[1:])
