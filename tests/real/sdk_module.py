"""A module on the unmodified azure-iot-device SDK: it finds the workload API in its environment, and tells what it sees.

Each line on standard output is one JSON object with one member, named after what happened: `twin`, `reported`, `sent`, `input`,
`patch`, `method`, `stopped`. The direct method `stop` ends it.
"""

import json
import sys
import threading

from azure.iot.device import IoTHubModuleClient, Message, MethodResponse

STEP_LIMIT_SECONDS = 60

printing = threading.Lock()


def tell(what, value):
    """Prints one event; handlers run on threads of their own."""
    with printing:
        print(json.dumps({what: value}), flush=True)


def main():
    stop = threading.Event()
    client = IoTHubModuleClient.create_from_edge_environment()

    def on_message(message):
        properties = {key: value for key, value in message.custom_properties.items() if not key.startswith("$")}
        tell("input", {"name": message.input_name, "body": json.loads(message.data), "properties": properties})

    def on_patch(patch):
        tell("patch", patch)
        client.patch_twin_reported_properties({"threshold": patch.get("threshold")})
        tell("reported", patch.get("threshold"))

    def on_method(request):
        tell("method", {"name": request.name, "payload": request.payload})
        status = 200 if request.name in ("echo", "stop") else 404
        client.send_method_response(MethodResponse.create_from_method_request(request, status, {"echo": request.payload}))
        if request.name == "stop":
            stop.set()

    client.connect()
    client.on_message_received = on_message
    client.on_twin_desired_properties_patch_received = on_patch
    client.on_method_request_received = on_method

    twin = client.get_twin()
    tell("twin", twin)
    threshold = twin["desired"].get("threshold")
    client.patch_twin_reported_properties({"threshold": threshold})
    tell("reported", threshold)

    message = Message(json.dumps({"temperature": 21.5}), content_encoding="utf-8", content_type="application/json")
    message.custom_properties["line"] = "a/b c"
    client.send_message_to_output(message, "out")
    tell("sent", "out")

    stopped = stop.wait(STEP_LIMIT_SECONDS)
    client.shutdown()
    tell("stopped", stopped)
    return 0 if stopped else 1


if __name__ == "__main__":
    sys.exit(main())
