"""The whole life of a vault in a browser, with scripts and without: what an operator does over months, in a few minutes."""
import http.server
import json
import threading
import time


def initialise(person, passphrase, token):
    """Makes the vault and signs in. Returns the access key."""
    person.go("/console")
    person.see_heading("Make the vault")
    person.fill("Passphrase", passphrase, secret=True)
    person.fill("The same passphrase again", passphrase)
    person.fill("One-time token", token, secret=True)
    person.press("Make the vault")
    person.see_heading("Write down the recovery code")
    code = person.secret()
    person.fill("Type the recovery code back", code)
    person.press("Store the vault")
    person.see_heading("The vault is made")
    key = person.secret()
    person.press("Sign in")
    sign_in(person, key)
    person.key = key
    return key


def sign_in(person, key):
    person.see_heading("Sign in")
    person.fill("Access key", key, secret=True)
    person.press("Sign in")
    person.see_heading("Stored keys")


def seal(person):
    person.press("Seal")
    person.see_heading("Seal the vault?")
    person.press("Seal now")
    person.see_heading("Unseal the vault")


def unseal(person, passphrase, key):
    person.fill("Passphrase or recovery code", "not the passphrase")
    person.press("Unseal")
    person.see("This needs another look")
    # A wrong passphrase slows the next attempt down, and the form says for how long.
    for _ in range(30):
        person.fill("Passphrase or recovery code", passphrase, secret=True)
        person.press("Unseal")
        if "Too many wrong passphrases" not in person.browser.text:
            break
        time.sleep(0.5)
    sign_in(person, key)


def add(person, path, value, **fields):
    person.go("/console/keys")
    person.press("+ Add API key")
    person.fill("Path", path)
    person.fill("Value", value, secret=True)
    for label, text in fields.items():
        person.fill(label.replace("_", " "), text)
    person.press("Submit")
    person.wait("the key is not shown", lambda: person.path.split("?")[0] == "/console/keys/" + path)
    person.see_no(value)


def rotate_by_itself(person, path):
    """Gives a key a rotator that needs nobody else."""
    person.go("/console/keys/%s:schedule" % path)
    person.choose("Rotator", "generate")
    person.fill("Every", "90d")
    person.fill("Overlap", "1d")
    person.press("Save")
    person.see("scheduled")


def fail_to_rotate(person, path):
    """Has a rotation fail at a provider that does not answer, and waits until the page tells."""
    person.go("/console/keys/%s:schedule" % path)
    person.choose("Rotator", "http")
    person.fill("Every", "30d")
    person.fill("Settings of the rotator", "provider=silent")
    person.press("Save")
    person.press("Rotate now")
    person.see("The rotation has begun")

    def tells():
        person.browser.open(person.browser.url.split("/console")[0] + "/console/rotation?state=failing,held")
        text = person.browser.text
        # While it is tried again, nothing says when that is to be.
        told = ("What failed, and why", "the provider could not be reached", "It is tried again")
        return all(words in text for words in told)

    person.wait("the failure is not told", tells)


def insist(person, path, words, answer):
    """Presses a button of a key's page until that is answered: a call at the provider may be in its way."""
    def is_answered():
        person.go("/console/keys/" + path)
        if not person.buttons(words):
            return False
        person.press(words)
        return answer in person.browser.text

    person.wait("%r is not answered with %r" % (words, answer), is_answered)


class Provider(http.server.BaseHTTPRequestHandler):
    """What the provider file `silent` describes, once somebody answers there."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(201, {"value": "made-by-the-provider"})

    def do_GET(self):
        self.answer(200, {})

    def do_DELETE(self):
        self.answer(204)

    def answer(self, status, body=None):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if text:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *what):
        pass


def resume(person, path, port):
    """The rotation goes on because somebody says so, and is done once the provider answers again."""
    # Before that: afterwards it would soon go on by itself, and there would be nothing to press.
    insist(person, path, "Resume rotation", "The rotation goes on")
    provider = http.server.ThreadingHTTPServer(("127.0.0.1", port), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    try:
        def is_rotated():
            person.go("/console/keys/" + path)
            # A version that is still tried is there, too, and is not the one that is revealed.
            return "Version 2" in person.browser.text and reveal(person, path) == "made-by-the-provider"

        person.wait("the rotation does not go on, or the value is not the provider's", is_rotated)
    finally:
        provider.shutdown()
        provider.server_close()


def reveal(person, path):
    person.go("/console/keys/" + path)
    person.press("Reveal value")
    value = person.secret()
    person.press("Hide it now")
    person.see_no(value)
    return value


def tell(config, person):
    """The story. `config` has the passphrase and the one-time token."""
    passphrase = config["passphrase"]
    key = initialise(person, passphrase, config["token"])
    seal(person)
    unseal(person, passphrase, key)

    # A stored key: add, find, reveal, rotate, roll back.
    path, value = "payments/stripe", "sk_live_" + "A1b2C3d4" * 4
    add(person, path, value, Name="Stripe, live", Provider="stripe", Tags="money, live", Description="Takes the money.")
    person.go("/console/keys")
    person.fill("Search stored keys", "stripe money")
    person.press("Search")
    person.see("Stripe, live", path)
    person.fill("Search stored keys", "nothing-is-called-this")
    person.press("Search")
    person.see("No key matches")
    person.press("Clear")
    person.see("Stripe, live")
    if reveal(person, path) != value:
        person.fail("another value was revealed")
    rotate_by_itself(person, path)
    person.go("/console/keys/" + path)
    person.press("Rotate now")
    person.see("Version 2 is current")
    second = reveal(person, path)
    if second == value:
        person.fail("the value is the one before the rotation")
    person.press("Roll back")
    person.see("Version 1 is current again")
    if reveal(person, path) != value:
        person.fail("the value is not the one before the rotation")
    person.go("/console/rotation")
    person.see("The next 90 days", path)
    person.go("/console/keys/%s:plan" % path)
    person.see("Nothing is done now", "make the new version current")

    # A rotation that fails says why, and is given up.
    add(person, "mail/silent", "not-to-be-rotated")
    fail_to_rotate(person, "mail/silent")
    person.press("Pause")
    person.see("No rotation begins until you go on")
    person.press("Unpause rotation")
    insist(person, "mail/silent", "Abort rotation", "The rotation is given up")
    if reveal(person, "mail/silent") != "not-to-be-rotated":
        person.fail("a rotation that failed has changed the value")
    # Another goes on once its provider answers.
    add(person, "mail/late", "before-the-provider-answered")
    fail_to_rotate(person, "mail/late")
    resume(person, "mail/late", int(config["provider"]))

    issued(person)
    access(person, key, path)
    watch(person)

    # The end of a key: trash, restore, trash again, destroy.
    person.go("/console/keys/" + path)
    person.press("Move to trash")
    person.see("in the trash")
    person.press("Restore")
    person.see("The key is back")
    person.press("Move to trash")
    person.press("Destroy …")
    person.fill("Type the key's path to confirm", "payments/another")
    person.press("Destroy for good")
    person.see("This is not the path of the key")
    person.fill("Type the key's path to confirm", path)
    person.press("Destroy for good")
    person.see("The key %s is erased" % path)
    person.go("/console/keys/" + path)
    person.see("404")

    person.go("/console/keys")
    seal(person)
    person.go("/console/keys")
    person.see_heading("Unseal the vault")


def issued(person):
    """An issuer, a key of it, the key's life."""
    person.go("/console/issuers")
    person.press("+ Add issuer")
    person.fill("Name", "shop-api")
    person.fill("Prefix", "shop_live")
    person.fill("Lifetime of a key", "ninety days")
    person.press("Add issuer")
    person.see("a whole number and one of s, m, h, d, w")
    person.fill("Lifetime of a key", "90d")
    person.fill("Scopes", "orders:read\norders:write")
    person.fill("Tiers", "free=10/s,1000/d,quota=20000/month\npro=100/s")
    person.press("Add issuer")
    person.see_heading("shop-api")
    person.see("The issuer shop-api was made", "free", "10/s, 1000/d", "20000/month")
    person.press("+ Issue a key")
    person.fill("Name", "Acme Ltd")
    person.fill("Owner", "acme")
    person.tick("orders:read")
    person.choose("Tier", "free")
    person.fill("Networks", "not a network")
    person.press("Issue key")
    person.see("This needs another look")
    person.fill("Networks", "127.0.0.0/8")
    person.fill("Metadata", "plan=free")
    person.press("Issue key")
    person.see_heading("Copy the key now")
    key = person.secret()
    shown = person.browser.url
    person.browser.reload()
    person.see_heading("This key was shown already")
    person.see_no(key)
    person.press("To the key")
    person.see_heading("Acme Ltd")
    person.see("active", "free", "quota 20000/month", "127.0.0.0/8")
    detail = person.path

    # Is this one of ours?
    person.go("/console/issuers:find")
    person.fill("Key or prefix", key)
    person.press("Look it up")
    person.see("Yes: this very key", "Acme Ltd")
    if key in person.browser.url or key in person.browser.source:
        person.fail("the key that was pasted is on the page")
    person.fill("Key or prefix", key[:16])
    person.press("Look it up")
    person.see("Keys that begin so", "Acme Ltd")
    person.fill("Key or prefix", "shop_live_" + "0" * 20)
    person.press("Look it up")
    person.see("Not one of ours")

    # An API asks about a request with the key, as long as the key is in force.
    if person.verify(key)["code"] != "VALID":
        person.fail("the key is not valid")
    person.go(detail)
    person.press("Disable")
    person.see("is switched off")
    if person.verify(key)["code"] != "DISABLED":
        person.fail("a key that is switched off is not disabled")
    person.press("Enable")
    person.press("Roll …")
    person.fill("Overlap", "1h")
    person.press("Roll key")
    successor = person.secret()
    if successor == key:
        person.fail("the successor is the same key")
    person.press("I have copied it")
    person.press("Revoke …")
    person.press("Revoke now")
    person.see("revoked", "no request with it is accepted any more")
    if person.verify(successor)["code"] != "REVOKED":
        person.fail("a revoked key is not revoked")
    person.browser.open(shown)
    person.see_no(key)
    person.browser.back()
    person.see_no(key, successor)


def access(person, administrators, path):
    """An access key with a small policy: it is refused, and the refusal is explained."""
    person.go("/console/access")
    person.press("+ Create access key")
    person.fill("Name", "payments service")
    person.tick("payments-service")
    person.fill("Expires", "90d")
    person.press("Create access key")
    key = person.secret()
    person.press("I have copied it")
    person.see("payments-service", "active")

    refusal = person.call("DELETE", "/v1/keys/" + path, key)
    if refusal["status"] != 403 or "decision" not in refusal["body"]:
        person.fail("a small access key may delete: %s" % refusal["status"])
    person.go("/console/policies")
    person.see("payments-service", "tests pass")
    person.press("Explain a refusal")
    person.fill("Decision id", refusal["body"]["decision"])
    person.press("Explain")
    person.see_heading("Why this was refused")
    person.see("delete", "payments service", "no rule matched")

    person.go("/console/policies:ask")
    person.fill("Their id or name", "payments service")
    person.choose("Wants to", "retrieve")
    person.fill("Its path or name", "payments/root")
    person.press("Ask")
    person.see("refused", "payments.yaml:", "root keys are for people")
    person.press([link.text for link in person.browser.find("//dd//a[contains(., 'payments.yaml:')]")][0])
    person.see_heading("payments-service")
    person.see("root keys are for people")

    # What it may not see, it is not shown.
    person.press("Sign out")
    person.see("You are signed out")
    sign_in(person, key)
    person.go("/console/keys/" + path)
    person.see_no("Move to trash", "Rotate now")
    person.go("/console/audit")
    person.see("403", "refused")
    person.press("Sign out")
    sign_in(person, administrators)


def follow(person):
    """New entries come in at the top by themselves; without scripts, when the page is loaded again."""
    person.go("/console/audit?action=inspect")
    person.call("GET", "/v1/keys/nobody/knows-this")
    if person.browser.scripts:
        person.press("Follow live")
        person.see("nobody/knows-this")
        person.call("GET", "/v1/keys/nobody/knows-that")
        person.see("nobody/knows-that")
        first = person.browser.find("//tbody[@id='entries']/tr")[0].text
        if "nobody/knows-that" not in first:
            person.fail("the newest entry is not at the top")
        person.press("Following …")
        if person.browser.find("//*[@id='following']")[0].state("textContent") != "Following has stopped.":
            person.fail("nobody is told that following has stopped")
    else:
        person.press("Reload")
        person.see("nobody/knows-this")


def watch(person):
    """The audit log and what was counted."""
    person.go("/console/audit")
    person.see("Audit log", "retrieve")
    person.fill("Who", "payments service")
    person.choose("Outcome", "refused")
    person.press("Search")
    person.see("delete", "payments/stripe")
    follow(person)
    person.press("Clear")
    person.fill("Since", "yesterday")
    person.press("Search")
    person.see("how long ago")
    person.go("/console/audit:verify")
    person.press("Verify")
    person.see("The log is whole", "entries a second")
    person.go("/console/usage")
    person.see("Requests by outcome", "payments/stripe", "Latency")
    person.choose("Time", "24 hours")
    person.press("Show")
    person.see("Requests by outcome")
