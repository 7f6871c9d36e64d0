#!/usr/bin/env python3
"""Manifests of a solution with 3 and with 50 modules: `edgectl manifest generate` beside `iotedgedev solution genconfig`.

Usage: genconfig.py EDGECTL IOTEDGEDEV

Both work on the same solution with a fresh HOME, telemetry off, and no network asked for but the peer's schema, which is skipped without
one. First the JSON trees are compared: where the peer is right, `--compat iotedgedev` must have the same tree, and so must the strict
reading but for what the peer leaves unresolved, which is listed. Then CPU (user + system) of the median of five runs after a warm-up, run
in turn, the ratio, and the peak memory. Exit 1 when a tree differs where it must not; a missed goal is only said.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

SETTINGS = "[DEFAULT]\nfirsttime = no\ncollect_telemetry = no\n"
ROUNDS = 5
# Targets: CPU of the peer over ours; CPU milliseconds and memory MiB of the strict reading with its checks.
RATIO, MILLISECONDS, MEBIBYTES = 50, 20, 20


def module_json(name):
    platforms = {"amd64": "./Dockerfile.amd64", "arm64v8": "./Dockerfile.arm64v8"}
    return {"image": {"repository": f"${{SERVER}}/{name}", "tag": {"version": "1.0.0", "platforms": platforms}}}


def user_module(image, options):
    return {
        "version": "1.0",
        "type": "docker",
        "status": "running",
        "restartPolicy": "always",
        "settings": {"image": image, "createOptions": options},
    }


def template(count):
    """Returns a template with so many own modules and one of others."""
    modules = {"tempSensor": user_module("mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.0", {})}
    routes = {}
    for number in range(count):
        name = f"module{number}"
        port = f"{20000 + number}"
        binding = {"HostConfig": {"PortBindings": {"8080/tcp": [{"HostPort": port}]}}, "Env": ["SITE=$SITE"]}
        modules[name] = user_module(f"${{MODULES.{name}}}", binding)
        routes[f"{name}ToIoTHub"] = f"FROM /messages/modules/{name}/outputs/* INTO $upstream"
    system = {
        "edgeAgent": {"type": "docker", "settings": {"image": "mcr.microsoft.com/azureiotedge-agent:1.5", "createOptions": {}}},
        "edgeHub": {
            "type": "docker",
            "status": "running",
            "restartPolicy": "always",
            "settings": {
                "image": "mcr.microsoft.com/azureiotedge-hub:1.5",
                "createOptions": {"HostConfig": {"PortBindings": {"8883/tcp": [{"HostPort": "8883"}]}}},
            },
        },
    }
    runtime = {"type": "docker", "settings": {"minDockerVersion": "v1.25", "loggingOptions": "", "registryCredentials": {}}}
    agent = {"schemaVersion": "1.1", "runtime": runtime, "systemModules": system, "modules": modules}
    hub = {"schemaVersion": "1.1", "routes": routes, "storeAndForwardConfiguration": {"timeToLiveSecs": 7200}}
    content = {"$edgeAgent": {"properties.desired": agent}, "$edgeHub": {"properties.desired": hub}}
    return {"$schema-template": "4.0.0", "modulesContent": content}


def solution(folder, count, broken=False):
    """Writes a solution; a broken one has a variable that is not set and an image of a system module by placeholder."""
    document = template(count)
    if broken:
        agent = document["modulesContent"]["$edgeAgent"]["properties.desired"]
        agent["systemModules"]["edgeHub"]["settings"]["image"] = "${MODULES.module0}"
        agent["modules"]["module1"]["env"] = {"X": {"value": "${NOT_SET}"}}
    (folder / "deployment.template.json").write_text(json.dumps(document, indent=2))
    (folder / ".env").write_text("SERVER=registry.example.com\nSITE=north\n")
    for number in range(count):
        name = f"module{number}"
        (folder / "modules" / name).mkdir(parents=True)
        (folder / "modules" / name / "module.json").write_text(json.dumps(module_json(name), indent=2))


def run(command, folder, home):
    """Runs a command; returns CPU milliseconds, peak memory in MiB, and its outcome."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024, child.returncode, text


def manifest(command, folder, home):
    """Runs a command that must succeed, and returns the tree that it wrote."""
    file = folder / "config" / "deployment.amd64.json"
    file.unlink(missing_ok=True)
    _, _, status, text = run(command, folder, home)
    if status:
        sys.exit(f"{command}: exit {status}\n{text}")
    return json.loads(file.read_text())


def main():
    # The commands run in the solution's folder: a relative path would not be found from there.
    edgectl, peer = (os.path.abspath(program) for program in sys.argv[1:3])
    compat = [edgectl, "manifest", "generate", "--template", "deployment.template.json", "--compat", "iotedgedev"]
    strict = compat[:-2]
    commands = {"iotedgedev": [peer, "solution", "genconfig"], "compat": compat, "strict": strict}
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        home = pathlib.Path(scratch) / "home"
        for name in [".iotedgedev", ".iotedgehubdev/config"]:
            (home / name).mkdir(parents=True)
            (home / name / "setting.ini").write_text(SETTINGS)
        for count in [3, 50]:
            folder = pathlib.Path(scratch) / str(count)
            folder.mkdir()
            solution(folder, count)
            trees = {name: manifest(command, folder, home) for name, command in commands.items()}
            same = trees["iotedgedev"] == trees["compat"] == trees["strict"]
            print(f"{count} modules: {'the same JSON tree in all three' if same else 'THE TREES DIFFER'}")
            failed += [] if same else [f"trees of {count} modules"]
            measured = {name: [] for name in commands}
            for round_number in range(ROUNDS + 1):
                for name, command in commands.items():
                    cpu, memory, status, _ = run(command, folder, home)
                    if round_number and status == 0:
                        measured[name].append((cpu, memory))
            cpu = {name: statistics.median(row[0] for row in rows) for name, rows in measured.items()}
            memory = {name: max(row[1] for row in rows) for name, rows in measured.items()}
            for name in commands:
                ratio = "" if name == "iotedgedev" else f", {cpu['iotedgedev'] / cpu[name]:6.0f} times less CPU"
                print(f"  {name:10}: {cpu[name]:8.2f} ms CPU, {memory[name]:6.1f} MiB{ratio}")
            # Times depend on the machine: a goal that is missed is said, and fails nothing.
            if any(cpu["iotedgedev"] < RATIO * cpu[name] for name in ["compat", "strict"]):
                print(f"  the goal of {RATIO} times less CPU is missed here")
            if cpu["strict"] > MILLISECONDS or memory["strict"] > MEBIBYTES:
                print(f"  the goal of {MILLISECONDS} ms and {MEBIBYTES} MiB is missed here")
        folder = pathlib.Path(scratch) / "broken"
        folder.mkdir()
        solution(folder, 3, broken=True)
        theirs = manifest(commands["iotedgedev"], folder, home)
        print(f"with faults: compat {'has the same tree' if theirs == manifest(compat, folder, home) else 'DIFFERS'}; the peer leaves in its manifest, exit 0:")
        print(f"  systemModules.edgeHub image: {theirs['modulesContent']['$edgeAgent']['properties.desired']['systemModules']['edgeHub']['settings']['image']}")
        print(f"  modules.module1 env X: {theirs['modulesContent']['$edgeAgent']['properties.desired']['modules']['module1']['env']['X']['value']}")
        _, _, status, text = run(strict, folder, home)
        print(f"  strict: exit {status}: {text.splitlines()[0]}")
        if status != 3 or theirs != manifest(compat, folder, home):
            failed.append("faults")
    if failed:
        sys.exit(f"missed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
