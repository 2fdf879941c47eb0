"""A person who uses Python's websockets: signs in, joins, posts, listens, resumes.

    talk.py API LOGIN PASSWORD ROOM

Talks to the test over standard input and output: it prints each frame that it receives as
one line of JSON."""

import asyncio
import inspect
import json
import sys
import urllib.request

import websockets

api, login, password, room_id = sys.argv[1:]


def say(**what):
    print(json.dumps(what), flush=True)


def sign_in():
    body = json.dumps({"login": login, "password": password}).encode()
    request = urllib.request.Request(
        api + "/auth/login", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["access_token"]


async def hear(socket, kind, **fields):
    """Waits for a frame of that type; prints every frame until then for the test."""
    while True:
        frame = json.loads(await socket.recv())
        say(frame=frame)
        if frame["type"] == kind and all(frame.get(k) == v for k, v in fields.items()):
            return frame


async def main():
    url = api.replace("http", "ws", 1) + "/ws"
    token = sign_in()
    # its name until version 14
    parameters = inspect.signature(websockets.connect.__init__).parameters
    name = "extra_headers" if "extra_headers" in parameters else "additional_headers"
    headers = {name: {"Authorization": "Bearer " + token}}

    async with websockets.connect(url, **headers) as socket:
        await hear(socket, "ready")
        await socket.send(json.dumps({"type": "join", "room_id": room_id}))
        joined = await hear(socket, "joined")
        await socket.send(json.dumps({
            "type": "message", "room_id": room_id, "client_id": "p-1", "text": "из Python 🐍"
        }))
        ack = await hear(socket, "ack")
        await hear(socket, "message", id=ack["id"])
        pong = await socket.ping()
        await asyncio.wait_for(pong, 20)
        say(left_at=ack["seq"], epoch=joined["epoch"])

    sys.stdin.readline()  # the test has written something meanwhile
    protocols = ["foyer.v1", "bearer." + token]
    async with websockets.connect(url, subprotocols=protocols) as socket:
        say(protocol=socket.subprotocol)
        await hear(socket, "ready")
        await socket.send(json.dumps({
            "type": "join", "room_id": room_id, "after": ack["seq"], "epoch": joined["epoch"]
        }))
        await hear(socket, "message", text="the last")
    say(done=True)


asyncio.run(main())
