"""Pages of other sites that try to have a browser act for whoever has signed in, or to show them what they should not see."""
import http.server
import threading

import story

VALUE = "sk_live_of-the-one-who-signed-in"


class Site:
    """A site of somebody else's, whose pages say what the test wants."""

    def __init__(self):
        pages = self.pages = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
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


def achieve_nothing(config, person):
    story.initialise(person, config["passphrase"], config["token"])
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

    # A frame around a page.
    site.pages["/frame"] = (
        "<!doctype html><title>other</title><iframe src='%s/console/keys/payments/stripe'></iframe>" % console)
    person.browser.open(site.url("/frame"))
    frame = person.browser.find("//iframe")[0]
    person.browser.call("POST", "/frame", {"id": {"element-6066-11e4-a52e-4f735466cecf": frame.id}})
    if "payments/stripe" in person.browser.text or person.browser.find("//main"):
        person.fail("a page of the console is shown in a frame")
    person.browser.call("POST", "/frame", {"id": None})

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
    if "payments" in person.browser.text or person.browser.find("//input[@name='key']"):
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
