#!/usr/bin/env python3
"""A chat application's backend in one file: Python's standard library, and nothing else.

It serves the page, decides who may speak where, and tells the hub so in signed calls. Browsers get their messages from
the hub directly. See ../guide.md.

    python3 docs/guide/backend.py [--listen 127.0.0.1:8080] [--hub http://127.0.0.1:8000]

The secret comes from the variable CHANNELSTREAM_SECRET (default: secret, as the hub's).
"""
import argparse
import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import time
import urllib.error
import urllib.request

PAGE = pathlib.Path(__file__).with_name("chat.html")
CHANNEL = "lobby"


def sign(secret, value="channelstream", now=None):
    """A signature for X-Channelstream-Secret: good for 60 seconds, for any call."""
    def base64url(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    seconds = int(time.time() if now is None else now)
    stamp = base64url(seconds.to_bytes((seconds.bit_length() + 7) // 8, "big"))
    key = hashlib.sha1(b"itsdangerous.Signer" + b"signer" + secret.encode()).digest()
    text = value + "." + stamp
    return text + "." + base64url(hmac.new(key, text.encode(), hashlib.sha1).digest())


class Hub:
    """The hub's HTTP API, as far as a chat needs it."""

    def __init__(self, url, secret):
        self.url = url
        self.secret = secret

    def call(self, path, body, method="POST"):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), method=method,
            headers={"X-Channelstream-Secret": sign(self.secret), "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def connect(self, user):
        """A connection for one browser tab, subscribed to the channel; who is there, and what was said."""
        return self.call("/connect", {
            "username": user,
            "channels": [CHANNEL],
            "fresh_user_state": {"since": int(time.time())},
            "state_public_keys": ["since"],
            "channel_configs": {CHANNEL: {
                "notify_presence": True, "broadcast_presence_with_user_lists": True,
                "store_history": True, "history_size": 50}},
        })

    def say(self, user, text):
        return self.call("/message", [{"user": user, "channel": CHANNEL, "message": {"text": text}}])


class Handler(http.server.BaseHTTPRequestHandler):
    hub = None
    hub_for_browsers = None

    def do_GET(self):
        if self.path != "/":
            return self.answer(404, {"error": "no such page"})
        self.answer(200, PAGE.read_bytes(), "text/html; charset=utf-8")

    def do_POST(self):
        try:
            body = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 65536)))
            # A real application takes the name from its own session, not from the page.
            user = str(body["user"]).strip()[:50] or "somebody"
            if self.path == "/join":
                answer = self.hub.connect(user)
                answer["hub"] = self.hub_for_browsers
            elif self.path == "/say":
                answer = self.hub.say(user, str(body["text"])[:2000])
            else:
                return self.answer(404, {"error": "no such call"})
            self.answer(200, answer)
        except (KeyError, TypeError, ValueError):
            self.answer(400, {"error": "this is no call of the page"})
        except urllib.error.HTTPError as error:
            self.answer(502, {"error": "the hub refused: %d %s" % (error.code, error.read(500).decode("utf-8", "replace"))})
        except OSError as error:
            self.answer(502, {"error": "the hub does not answer: %s" % error})

    def answer(self, status, body, content_type="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    parser = argparse.ArgumentParser(description="The backend of a small chat; see docs/guide.md.")
    parser.add_argument("--listen", default="127.0.0.1:8080", metavar="ADDRESS:PORT")
    parser.add_argument("--hub", default="http://127.0.0.1:8000", metavar="URL", help="where this backend reaches the hub")
    parser.add_argument("--hub-for-browsers", metavar="URL", help="where browsers reach it (default: as --hub)")
    options = parser.parse_args()
    Handler.hub = Hub(options.hub, os.environ.get("CHANNELSTREAM_SECRET", "secret"))
    Handler.hub_for_browsers = options.hub_for_browsers or options.hub
    address, _, port = options.listen.rpartition(":")
    print("open http://%s in two browser windows" % options.listen, flush=True)
    try:
        http.server.ThreadingHTTPServer((address, int(port)), Handler).serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
