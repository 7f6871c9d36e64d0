#!/usr/bin/env python3
"""`edgectl manifest generate --compat iotedgedev` beside `iotedgedev solution genconfig`.

Usage: genconfig.py EDGECTL IOTEDGEDEV

Each case is a solution in a folder of its own. Both tools run in it with an environment that holds only what the case names; the files
that they write must be the same, byte for byte, or both must refuse. Prints what differs; exit 1 when anything does.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Both lines, as a first run would switch telemetry on again.
SETTINGS = "[DEFAULT]\nfirsttime = no\ncollect_telemetry = no\n"
ENV_FILE = (
    "CONTAINER_REGISTRY_SERVER=reg.example.com\nCONTAINER_REGISTRY_USERNAME=u\n"
    "CONTAINER_REGISTRY_PASSWORD=p\nEDGE_RUNTIME_VERSION=1.4\n"
)
MODULE_JSON = {
    "$schema-version": "0.0.1",
    "image": {
        "repository": "${CONTAINER_REGISTRY_SERVER}/Filter",
        "tag": {
            "version": "0.1.2",
            "platforms": {
                "amd64": "./Dockerfile.amd64",
                "amd64.debug": "./Dockerfile.amd64.debug",
                "arm64v8": "./Dockerfile.arm64v8",
            },
        },
        "buildOptions": [],
        "contextPath": "./",
    },
    "language": "csharp",
}
FILTER = "modules/filter/module.json"
CASES = {}


def module(image="${MODULES.filter}", options={}, **more):
    """Returns a user module; without create options when they are None."""
    settings = {"image": image}
    if options is not None:
        settings["createOptions"] = options
    settings.update(more)
    return {"type": "docker", "status": "running", "restartPolicy": "always", "settings": settings}


def template(modules=None, system=None, **more):
    """Returns a template with these modules and further members at its top."""
    credentials = {
        "username": "$CONTAINER_REGISTRY_USERNAME",
        "password": "$CONTAINER_REGISTRY_PASSWORD",
        "address": "$CONTAINER_REGISTRY_SERVER",
    }
    ports = {"HostConfig": {"PortBindings": {"5671/tcp": [{"HostPort": "5671"}]}}}
    usual = {
        "edgeAgent": {"type": "docker", "settings": {"image": "example/agent:1.4", "createOptions": {}}},
        "edgeHub": module("example/hub:${EDGE_RUNTIME_VERSION}", ports),
    }
    agent = {
        "schemaVersion": "1.1",
        "runtime": {
            "type": "docker",
            "settings": {"minDockerVersion": "v1.25", "loggingOptions": "", "registryCredentials": {"reg": credentials}},
        },
        "systemModules": system or usual,
        "modules": modules if modules is not None else {"filter": module()},
    }
    hub = {
        "schemaVersion": "1.1",
        "routes": {"up": "FROM /messages/modules/filter/outputs/* INTO $upstream"},
        "storeAndForwardConfiguration": {"timeToLiveSecs": 7200},
    }
    content = {"$edgeAgent": {"properties.desired": agent}, "$edgeHub": {"properties.desired": hub}}
    return {"$schema-template": "4.0.0", "modulesContent": content, **more}


def case(name, document=None, text=None, files=None, env=None, args=(), dotenv=ENV_FILE, file="deployment.template.json"):
    """Adds a case."""
    text = text if text is not None else json.dumps(document, indent=2, ensure_ascii=False)
    files = files if files is not None else {FILTER: json.dumps(MODULE_JSON)}
    CASES[name] = {"text": text, "files": files, "env": env or {}, "args": list(args), "dotenv": dotenv, "file": file}


case("plain", template())
case("unset", template(), dotenv="")
case("reserved", template(), env={"upstream":"X","schema":"Y","edgeHub":"Z"})
case("platform", template({"a":module("${MODULES.filter.arm64v8}"),"b":module("${MODULES.filter.debug}"),"c":module("${MODULES.filter.amd64.debug}"),"d":module("${MODULES.nope}"),"e":module("x${MODULES.filter}")}), args=["-P","arm64v8"])
case("platform2", template({"a":module("${MODULES.filter.arm64v8}"),"b":module("${MODULES.filter.debug}"),"c":module("${MODULES.filter.amd64.debug}")}))
case("chunks", template({"a":module(options={"Env":["x"*1200]}),"b":module(options="{\"a\":\""+"y"*900+"\"}", createOptions01="stale", createOptions03="older"),"c":module(options="{", createOptions01="}"),"d":module(options=""),"e":module(options=None),"f":module(options={"x":"ä😀"*60}),"g":module(options="ä😀"*400)}))
case("numbers", text=json.dumps(template()).replace('7200','[1e5,1e-7,1.0,1E400,-0,-0.0,123456789012345678901234567890,1e16,1e15,0.1,-1.5e300,5e-324,0.0001,0.00001,12.50]'))
case("duplicates", text=json.dumps(template()).replace('"loggingOptions"','"a":1,"b":2,"a":{"c":[]},"loggingOptions"'))
case("nonascii", template(extra={"ü":"é\u2028\u007f😀\u0001\"\\/"}))
case("layered", {"content":{"modulesContent":{"$edgeAgent":{"properties.desired.modules.filter":module(options={"A":"b"*600})},"$edgeHub":{"properties.desired.routes.r":"FROM /messages/* INTO $upstream"},"filter":{"properties.desired.x":{"y":1}}}}})
case("layered_nowrap", {"modulesContent":{"$edgeAgent":{"properties.desired.modules.filter":module()}}})
case("mixed", {"content":{"modulesContent":{"$edgeAgent":{"properties.desired":{"modules":{"a":module(options={"k":"z"*600})},"systemModules":{}},"properties.desired.modules.b":module(options={"k":"z"*600})},"t":{"properties.desired":{"q":1},"properties.desired.r":{"s":[1]}}}}})
case("moduledir", template({"a":module("${MODULEDIR<../common/x>}"),"b":module("${MODULEDIR<modules/filter>.arm64v8}"),"c":module("${MODULEDIR<modules/filter>.debug}")}), files={FILTER: json.dumps(MODULE_JSON),"../common/x/module.json":json.dumps({"image":{"repository":"X/Y","tag":{"version":1.10,"platforms":{"amd64":"D"}}}})})
case("containertag", template(), env={"CONTAINER_TAG":" rc1 "})
case("debug", template({"a":module("${MODULES.filter.debug}")}), file="deployment.debug.template.json")
case("name_other", template(), file="x.tmpl")
case("name_json", template(), file="x.json")
case("config_file", template(), env={"DEPLOYMENT_CONFIG_FILE":"my.json","CONFIG_OUTPUT_DIR":"out/deep"})
case("noschema", {k:v for k,v in template().items() if k != "$schema-template"})
case("schema001", template(**{"$schema-template":"0.0.1"}))
case("defaults", template(x=["${DEFAULT_PLATFORM}","$MODULES_PATH/$CONFIG_OUTPUT_DIR","${LOGS_PATH}","$DEPLOYMENT_CONFIG_TEMPLATE_FILE","${LOGS_CMD}","${HOME_X}","$BYPASS_MODULES."]))
case("quote", template(x="$Q"), env={"Q":'a"b'})
case("inject", template(x="$Q"), env={"Q":'a","y":"b'})
case("empty", template(x="[$E]"), env={"E":""})
case("dotenvs", template(x=["$A","$B","$C","$D","$E","$F","$G","$H"]), dotenv="export A=1 # c\nB='x${A}'\nC=\"l1\\\\nl2\"\nD=a#b\nE=${NOPE}-${NOPE2:-dd}\nbad line here\nF\nG=\nH=\"${A}\n")
case("crlf", text=json.dumps(template(),indent=2).replace("\n","\r\n"))
case("text", text='{"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{},"modules":{}}}},"n":$N,"$K":1,"${K}2":[ ],"e":{ }}', env={"N":"5","K":"key"})
case("fmt", template(), text='{"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{},"modules":{}}},"b":[[],{},[1,[2]],null,true]}}')
case("oldname", {"moduleContent":template()["modulesContent"]})
case("sysplace", template({"a":module("${MODULES.filter}", env={"x":{"value":"${MODULES.filter}"}})}, {"edgeAgent":module("${MODULES.filter}"),"edgeHub":module("h:1")}))
case("samename", template({"edgeAgent":module("${MODULES.filter}")}, {"edgeAgent":module("keep:1"),"edgeHub":module("h:1")}))
case("co_odd", template({"a":module(options=None, createOptions=None),"b":module(options=[1,"x"]),"c":module(options=5),"d":module(options=True)}))
case("toolong", template({"a":module(options={"x":"y"*4100})}))
case("exact", template({"a":module(options="z"*4096)}))
case("noimage", template({"a":{"settings":{}}}))
case("nomodules", template(), files={})
case("broken_module", template(), files={FILTER: "{"})
case("mpath", template(), files={"mods/filter/module.json":json.dumps(MODULE_JSON)}, env={"MODULES_PATH":"mods"})
case("emptyplat", template(), files={FILTER: json.dumps({"image":{"repository":"a","tag":{"version":"1","platforms":{}}}}),"modules/x/readme":"x"})
case("noversion", template(), files={FILTER: json.dumps({"image":{"repository":"a/B","tag":{"platforms":{"amd64":"D"}}}})})
case("bracenames", template(x=["${A B}","${A.B}","${","$","$$Z","${Z}${Z}","$Z.x","${Z"], z="${Z}"), env={"Z":"zz","A B":"ab"})
case("dollarend", text=json.dumps(template()).replace("}}}}","}}}}")+"\n\n")


def files_of(folder):
    """Returns the files below a folder with their bytes, homes aside."""
    found = (path for path in folder.rglob("*") if path.is_file() and "home" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def run_case(case, programs):
    """Returns, for each program, its exit status, the files that it wrote, and what it said."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="genconfig-"))
    try:
        solution = folder / "solution"
        solution.mkdir()
        (solution / case["file"]).write_text(case["text"], newline="", encoding="utf-8")
        (solution / ".env").write_text(case["dotenv"], encoding="utf-8")
        for name, text in case["files"].items():
            path = (solution / name).resolve()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name in [".iotedgedev", ".iotedgehubdev/config"]:
            (folder / "home" / name).mkdir(parents=True)
            (folder / "home" / name / "setting.ini").write_text(SETTINGS)
        environment = {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **case["env"]}
        before, outcomes = files_of(folder), []
        for program in programs:
            done = subprocess.run(program, cwd=solution, env=environment, capture_output=True, text=True)
            written = {name: content for name, content in files_of(folder).items() if name not in before}
            for name in written:
                (folder / name).unlink()
            outcomes.append((done.returncode, written, done.stdout + done.stderr))
        return outcomes
    finally:
        shutil.rmtree(folder)


def main():
    edgectl, iotedgedev = sys.argv[1:3]
    different = 0
    for name, chosen in CASES.items():
        peer = [iotedgedev, "solution", "genconfig", "-f", chosen["file"], *chosen["args"]]
        ours = [edgectl, "manifest", "generate", "--template", chosen["file"], "--compat", "iotedgedev", *chosen["args"]]
        (peer_status, theirs, peer_said), (status, written, said) = run_case(chosen, [peer, ours])
        if theirs != written or (peer_status == 0) != (status == 0):
            different += 1
            print(f"{name}: exit {peer_status} and {status}\n  {theirs}\n  {written}\n{peer_said[-400:]}\n{said[-400:]}")
    if different:
        sys.exit(1)
    print(f"same in all {len(CASES)} cases")


if __name__ == "__main__":
    main()
