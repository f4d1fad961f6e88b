"""Pages of other sites that try to have a browser act for whoever has signed in, or to show them what they should not see."""
import http.client
import http.server
import threading

import story
from webdriver import ELEMENT

VALUE = "sk_live_of-the-one-who-signed-in"


class Site:
    """A site of somebody else's, whose pages say what the test wants. It keeps the cookies that it is sent, by path."""

    def __init__(self):
        pages = self.pages = {}
        cookies = self.cookies = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                cookies[self.path] = self.headers.get("Cookie", "")
                body = pages.get(self.path, "<!doctype html><title>other</title>").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path, host="other.localhost"):
        return "http://%s:%d%s" % (host, self.server.server_port, path)


def enter_frame(person, frame):
    """From now on that frame is looked at; without one, the whole page again."""
    person.browser.call("POST", "/frame", {"id": frame and {ELEMENT: frame.id}})


def asked_for(port):
    """What any program on this host is told: an address under which the console answers."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    try:
        connection.request("GET", "/console")
        return connection.getresponse().getheader("Location").split("/console")[0]
    finally:
        connection.close()


def plant(person, site, port, key):
    """Somebody is led to an address of the console that others know, and signs in there all the same."""
    planted = asked_for(port)
    name = planted.split("//")[1].split(":")[0]
    site.pages["/plant"] = (
        "<!doctype html><title>other</title><a href='%s/console/sign-in'>go</a>"
        "<script>document.links[0].click()</script>" % planted)
    for host in ("other.localhost", name):
        person.browser.open(site.url("/plant", host))
        person.see_heading("Type the address of the console")
        if person.browser.find("//input") or not person.browser.url.startswith(planted):
            person.fail("a form is shown to whoever another site led here")

    # The other program is sent what this name has, for cookies know nothing of ports: that is why no session may be there.
    person.browser.open(planted + "/console/sign-in")
    person.see_heading("Sign in")
    person.browser.open(site.url("/console/before", name))
    if "keyturn-visit=" not in site.cookies["/console/before"]:
        person.fail("another port of the same name is sent no cookie, so this shows nothing")
    person.browser.open(planted + "/console/sign-in")
    story.sign_in(person, key)
    if not person.path.startswith("/console/keys") or person.browser.url.startswith(planted):
        person.fail("a session lives under a name that others know")
    own = person.browser.url
    person.browser.open(site.url("/console/after", name))
    if "keyturn=" in site.cookies["/console/after"]:
        person.fail("another server on this host is sent the session")
    person.browser.open(planted + "/console/keys")
    person.see_heading("Sign in")
    person.browser.open(own)
    person.see_heading("Stored keys")
    person.press("Sign out")
    person.see("You are signed out")


def achieve_nothing(config, person):
    key = story.initialise(person, config["passphrase"], config["token"])
    story.add(person, "payments/stripe", VALUE)
    person.go("/console/keys/payments/stripe")
    console = person.browser.url.split("/console")[0]
    port = console.rsplit(":", 1)[1]
    site = Site()

    def still_there():
        person.browser.open(console + "/console/keys/payments/stripe")
        person.see("Move to trash")

    # A form on another site, sent by itself; to the session's own address, which a stranger does not know, and to others.
    for target in (console, "http://localhost:" + port, "http://127.0.0.1:" + port):
        for host in ("other.localhost", "127.0.0.1"):
            site.pages["/form"] = (
                "<!doctype html><title>other</title><form method=post action='%s/console/keys/payments/stripe:delete'>"
                "<input name=csrf value=00000000000000000000000000000000></form>"
                "<script>document.forms[0].submit()</script>" % target)
            person.browser.open(site.url("/form", host))
            person.wait("the form was not sent", lambda: person.browser.url.startswith(target))
            if "not sent by a page of this console" not in person.browser.text and "has ended" not in person.browser.text:
                person.fail("a form of another site was taken")
            still_there()

    # A form of the console's own without its token.
    person.browser.run(
        "for (const field of document.querySelectorAll('input[name=csrf]')) field.value = '0'.repeat(32); return 1")
    person.press("Move to trash")
    person.see("Nothing was done")
    still_there()

    # A name that the console gave to somebody else is not where a session lives.
    plant(person, site, port, key)
    still_there()

    # A frame around a page.
    site.pages["/frame"] = (
        "<!doctype html><title>other</title><iframe src='%s/console/keys/payments/stripe'></iframe>"
        "<iframe src='/framed'></iframe>" % console)
    site.pages["/framed"] = "<!doctype html><title>other</title><p>this can be framed</p>"
    person.browser.open(site.url("/frame"))
    frames = person.browser.find("//iframe")
    enter_frame(person, frames[0])
    if "payments/stripe" in person.browser.text or person.browser.find("//main"):
        person.fail("a page of the console is shown in a frame")
    # The console answered, and the browser says that the answer forbids it: other errors have another name.
    if "ERR_BLOCKED_BY_RESPONSE" not in person.browser.source:
        person.fail("a frame stays empty for another reason than the console's answer")
    enter_frame(person, None)
    enter_frame(person, frames[1])
    person.see("this can be framed")
    enter_frame(person, None)

    # A script on another site: it reads nothing, and its requests do nothing.
    for mode in ("cors", "no-cors"):
        read = person.browser.run_later(
            "const done = arguments[arguments.length - 1];"
            "fetch(arguments[0], {credentials: 'include', mode: arguments[1]}).then(r => r.text()).then("
            "t => done(t), e => done('')) ", console + "/console/keys/payments/stripe", mode)
        if read:
            person.fail("a script of another site reads a page of the console")
    still_there()

    # A name that leads to this host and is not its own (rebinding).
    person.browser.open("http://rebound.example:%s/console/keys" % port)
    person.see("This server is not known under the name in the address")
    if "payments" in person.browser.text or person.browser.find("//input"):
        person.fail("the console answers under a strange name")

    # A cookie under another name of the same host is no session.
    person.browser.open("http://" + "a" * 32 + ".localhost:" + port + "/console/keys/payments/stripe")
    person.see_heading("Sign in")

    # After signing out, going back shows nothing.
    person.browser.open(console + "/console/keys/payments/stripe")
    person.press("Reveal value")
    if person.secret() != VALUE:
        person.fail("another value was revealed")
    person.press("Sign out")
    person.see("You are signed out")
    for _ in range(6):
        person.browser.back()
        if VALUE in person.browser.source or "payments/stripe" in person.browser.text:
            person.fail("going back shows what was there before signing out")
