#!/usr/bin/env python3
"""How soon a module that runs already is heard of by the hub once a world starts, and how much memory an idle world takes.

Usage: sim_start.py EDGECTL [ROUNDS]

The module gets its token while the world runs for the first time. Then the world goes down, the module tries to connect again and again,
and the clock starts with `sim up`. The hub notes when a message of the module arrived. Memory is the resident memory of the guard and
the supervisor with all their threads, two seconds after the start, with no client.
"""

import base64
import datetime
import http.client
import json
import os
import pathlib
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

MODULE = "edge-1/probe"
ROUTES = {"up": "FROM /messages/modules/probe/outputs/out INTO $upstream"}
GOALS = {"milliseconds": 300, "MB": 30}


class Workload(http.client.HTTPConnection):
    """The workload API of a module."""

    def __init__(self, uri):
        super().__init__("localhost")
        self.path = uri.removeprefix("unix://")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None):
        self.request(method, f"{path}?api-version=2019-01-30", json.dumps(body) if body else None)
        answer = self.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {text}")
        return json.loads(text)


def field(text):
    return len(text).to_bytes(2, "big") + text


def packet(kind, body):
    length, rest = b"", len(body)
    while True:
        length += bytes([rest % 128 | (128 if rest > 127 else 0)])
        rest //= 128
        if not rest:
            return bytes([kind]) + length + body


class Module:
    """A module with its token, which it asked for while the world ran."""

    def __init__(self, environment):
        workload = Workload(environment["IOTEDGE_WORKLOADURI"])
        device, module = environment["IOTEDGE_DEVICEID"], environment["IOTEDGE_MODULEID"]
        hub = environment["IOTEDGE_IOTHUBHOSTNAME"]
        resource = urllib.parse.quote(f"{hub}/devices/{device}/modules/{module}", safe="")
        expires = int(time.time()) + 3600
        data = base64.b64encode(f"{resource}\n{expires}".encode()).decode()
        sign = f"/modules/{module}/genid/{environment['IOTEDGE_MODULEGENERATIONID']}/sign"
        digest = workload.ask("POST", sign, {"keyId": "primary", "algo": "HMACSHA256", "data": data})["digest"]
        token = f"SharedAccessSignature sr={resource}&sig={urllib.parse.quote(digest, safe='')}&se={expires}"
        user = f"{hub}/{device}/{module}/?api-version=2018-06-30"
        texts = [f"{device}/{module}".encode(), user.encode(), token.encode()]
        self.connect = packet(0x10, field(b"MQTT") + bytes([4, 0xC0, 0, 60]) + b"".join(map(field, texts)))
        topic = f"devices/{device}/modules/{module}/messages/events/%24.on=out".encode()
        self.publish = packet(0x32, field(topic) + b"\x00\x01" + b'{"probe":true}')
        self.gateway = environment["IOTEDGE_GATEWAYHOSTNAME"]
        self.tls = ssl.create_default_context(cadata=workload.ask("GET", "/trust-bundle")["certificate"])

    def run(self, address, result):
        """Connects as soon as somebody answers, publishes once, and waits for the acknowledgement."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(address, 1) as plain, self.tls.wrap_socket(plain, server_hostname=self.gateway) as stream:
                    stream.sendall(self.connect)
                    if stream.recv(4)[3:4] == b"\x00":
                        stream.sendall(self.publish)
                        if stream.recv(4)[:1] == b"\x40":
                            result["acknowledged"] = time.time()
                            time.sleep(1)
                            return
            except OSError:
                pass
            time.sleep(0.005)


class World:
    """A world in a folder of its own."""

    def __init__(self, edgectl, folder):
        self.edgectl, self.folder = edgectl, folder
        (folder / "edgectl.yaml").write_text("version: 1\nsolution: start\nhub: emulator\n")
        self.environment = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")}
        (folder / "run").mkdir(mode=0o700)

    def run(self, *arguments):
        done = subprocess.run([self.edgectl, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"edgectl {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def arrived(self, start):
        """Returns when the hub noted the first message of the module after a time."""
        wait = ["--from", "start", "--timeout", "5s", "-o", "json"]
        shown = subprocess.run([self.edgectl, "sim", "monitor", *wait], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        times = [datetime.datetime.fromisoformat(json.loads(line)["enqueuedTime"]).timestamp() for line in shown.stdout.splitlines()]
        # Milliseconds are cut off there.
        return min((moment for moment in times if moment >= start - 0.001), default=None)


def resident(processes):
    total = 0
    for process in processes:
        lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return total * 1024 / 1e6


def main():
    edgectl, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        world = World(edgectl, pathlib.Path(name))
        world.run("sim", "up")
        try:
            measure(world, rounds)
        finally:
            world.run("sim", "down")


def measure(world, rounds):
    environment = json.loads(world.run("sim", "modulecred", MODULE, "-o", "json"))["environment"]
    device = json.loads(world.run("sim", "status", "-o", "json"))["devices"][0]
    version = 'desired.schemaVersion="1.1"'
    keep = 'desired.storeAndForwardConfiguration={"timeToLiveSecs": 7200}'
    world.run("sim", "twin", "set", "edge-1/$edgeHub", version, f"desired.routes={json.dumps(ROUTES)}", keep)
    module = Module(environment)
    address = (device["address"], device["mqttPort"])
    heard, acknowledged, returned, memory = [], [], [], []
    for _ in range(rounds):
        world.run("sim", "down")
        result = {}
        client = threading.Thread(target=module.run, args=(address, result))
        client.start()
        time.sleep(0.2)
        start = time.time()
        shown = json.loads(world.run("sim", "up", "-o", "json"))
        returned.append((time.time() - start) * 1000)
        client.join()
        moment = world.arrived(start)
        if moment is None or "acknowledged" not in result:
            raise SystemExit("the message of the module did not arrive")
        heard.append((moment - start) * 1000)
        acknowledged.append((result["acknowledged"] - start) * 1000)
        time.sleep(2)
        supervisor = shown["world"]["supervisor"]
        memory.append(resident([supervisor["pid"], supervisor["guardPid"]]))
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    shown = {"milliseconds": statistics.median(heard), "MB": statistics.median(memory)}
    print(f"{rounds} starts, load of the machine {load}")
    print(f"sim up to the message at the hub:  {shown['milliseconds']:7.0f} ms (of all: {', '.join(f'{one:.0f}' for one in heard)})")
    print(f"sim up to the acknowledgement:     {statistics.median(acknowledged):7.0f} ms; sim up returned after {statistics.median(returned):.0f} ms")
    print(f"memory of an idle world:           {shown['MB']:7.1f} MB")
    for unit, goal in GOALS.items():
        print(f"{'met' if shown[unit] <= goal else 'missed'}: at most {goal} {unit}")


if __name__ == "__main__":
    main()
