#!/usr/bin/python3
"""The rotator `command` for the provider of provider.py. The setting `port` says where that is."""
import json
import sys
import urllib.error
import urllib.request

asked = json.load(sys.stdin)
base = f"http://127.0.0.1:{asked['settings']['port']}"


def call(method, path, body=None, bearer=None):
    request = urllib.request.Request(base + path, method=method, data=json.dumps(body).encode() if body else None)
    if bearer:
        request.add_header("Authorization", f"Bearer {bearer}")
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            text = reply.read()
            return reply.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, None


def perform():
    step, subject = asked["step"], asked.get("subject")
    if step == "create":
        status, made = call("POST", "/keys", {"name": asked["mark"]})
        fields = {"id": made["id"], "value": made["value"]}
        return {"outcome": "done", "handle": made["id"], "fields": fields}
    if step == "test":
        status, _ = call("GET", "/self", bearer=subject["fields"]["value"])
        return {"outcome": "done"} if status == 200 else {"outcome": "rejected", "reason": "test_failed", "another": True}
    if step == "retire":
        status, _ = call("DELETE", f"/keys/{subject.get('handle') or subject['fields']['id']}")
        return {"outcome": "done"} if status in (204, 404) else {"outcome": "doubtful", "reason": "server_error"}
    if step == "list":
        _, found = call("GET", "/keys")
        return {"outcome": "done", "items": [{"handle": k["id"], "mark": k["name"]} for k in found["data"]]}
    return {"outcome": "rejected", "reason": "refused", "another": False}


json.dump(perform(), sys.stdout)
