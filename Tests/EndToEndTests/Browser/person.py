"""Somebody who looks after keys in a browser: reads what is on the page, fills in fields by their labels, presses buttons by
their words. What goes wrong is told with the page's address and what was seen there; never with what was typed.
"""
import http.client
import json
import re
import time

from webdriver import WebDriverError

# Shows a text as the page that it is, in the place of the one that is there; its scripts do not run.
SHOW = """
    const show = (text) => {
      const page = new DOMParser().parseFromString(text, 'text/html');
      document.replaceChild(document.adoptNode(page.documentElement), document.documentElement);
    };
    const isStyled = () => [...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.sheet);
    const whenStyled = (then) => isStyled() ? then() : setTimeout(() => whenStyled(then), 20);
    const send = (button) => fetch(button.form.getAttribute('action'), {
      method: 'POST', body: new URLSearchParams(new FormData(button.form, button)) });
"""

PATIENCE = 120
# What the driver says while one page gives way to another.
CHANGING = ("stale element reference", "no such element", "no such window", "javascript error", "unknown error")


class Failure(Exception):
    """The page is not as it should be."""


def quoted(text):
    """A text as XPath has it."""
    if "'" not in text:
        return "'%s'" % text
    return "concat('%s')" % text.replace("'", "', \"'\", '")


class Person:
    def __init__(self, browser, address):
        self.browser = browser
        self.address = address
        self.secrets = []
        self.visited = []
        # What looks at each page that is reached.
        self.inspector = None
        # The access key with which an application calls meanwhile.
        self.key = None

    # Where

    def go(self, path):
        """To a page of the console: `/console/keys`."""
        if path.startswith("/"):
            match = re.match(r"https?://[^/]+", self.browser.url)
            base = match.group(0) if match and "localhost" in match.group(0) else self.address
            path = base + path
        self.browser.open(path)
        self.arrived()

    def arrived(self):
        path = self.path
        if path not in self.visited:
            self.visited.append(path)
            if self.inspector:
                self.inspector(self)

    @property
    def path(self):
        """Without the host; what varies from run to run is left out of failures, too."""
        return re.sub(r"^https?://[^/]+", "", self.browser.url)

    # What is there

    @property
    def heading(self):
        found = self.browser.find("//main//h1")
        return found[0].text if found else ""

    def fail(self, what):
        seen = self.hide(self.browser.text)
        raise Failure("%s: %s\n--- %s shows\n%s" % (self.path, what, self.heading, seen[:3000]))

    def hide(self, text):
        """Without what must not be told: what was typed or read here, and whatever looks like a key or a recovery code."""
        for secret in self.secrets:
            text = text.replace(secret, "(a secret)")
        return re.sub(r"[A-Za-z0-9_]+_[A-Za-z0-9]{61}|KTR1(-[A-Z0-9]+)+", "(a secret)", text)

    def see(self, *texts):
        """Each text is there to be read, at once or soon."""
        for text in texts:
            self.wait("%r is not to be seen" % text, lambda: text in self.browser.text)

    def see_heading(self, text):
        self.wait("the heading is not %r" % text, lambda: self.heading == text)
        self.arrived()

    def see_no(self, *texts):
        shown = self.browser.text
        for text in texts:
            if text in shown:
                self.fail("%r is to be seen" % self.hide(text))

    def wait(self, what, holds):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if holds():
                    return
            except WebDriverError as error:
                # The page was changing while it was looked at.
                if error.code not in CHANGING:
                    raise
            if time.monotonic() > end:
                self.fail(what)
            time.sleep(0.1)

    def secret(self, place=0):
        """A text that the page shows this once; it is told to nobody from then on."""
        path = "//*[@id='secret-%d']" % place
        self.wait("there is no secret", lambda: self.browser.find(path))
        text = self.browser.find(path)[0].text.strip()
        if not text:
            self.fail("the secret is empty")
        self.secrets.append(text)
        return text

    def row(self, text):
        """The row of a table that has a text."""
        found = self.browser.find("//tr[.//*[contains(normalize-space(.), %s)]]" % quoted(text))
        if not found:
            self.fail("no row has %r" % self.hide(text))
        return found[-1]

    # What is done

    def field(self, label):
        """The field with this label."""
        words = "normalize-space(substring-before(concat(., ' *'), ' *'))"
        labels = self.browser.find("//label[%s=%s]" % (words, quoted(label)))
        for one in labels:
            name = one.attribute("for")
            path = "//*[@id=%s]" % quoted(name) if name else ".//input|.//select|.//textarea"
            for found in self.browser.find(path, None if name else one):
                return found
        self.fail("no field has the label %r" % label)

    def fill(self, label, text, secret=False):
        if secret:
            self.secrets.append(text)
        field = self.field(label)
        self.open_around(field)
        field.clear()
        if text:
            field.type(text)

    def choose(self, label, words):
        """An option of a list, by its words or the beginning of them."""
        field = self.field(label)
        self.open_around(field)
        options = self.browser.find("./option[starts-with(normalize-space(.), %s)]" % quoted(words), field)
        if not options:
            self.fail("%s has no option %r" % (label, words))
        options[0].click()

    def tick(self, label):
        field = self.field(label)
        self.open_around(field)
        if not field.state("checked"):
            field.click()

    def open_around(self, element):
        """What is folded away is opened as people open it."""
        for details in self.browser.find("./ancestor::details[not(@open)]", element):
            self.browser.find("./summary", details)[0].click()

    def buttons(self, words, within=None):
        """Buttons and links that are shown, by their words or their name for those who do not see them."""
        by = "[normalize-space(.)=%s or @aria-label=%s]" % (quoted(words), quoted(words))
        start = ".//" if within else "//"
        found = self.browser.find("|".join(start + kind + by for kind in ("button", "a", "summary")), within)
        return [one for one in found if one.is_shown]

    def press(self, words, within=None):
        found = self.buttons(words, within)
        if not found:
            self.fail("there is no button or link %r" % words)
        self.follow(found[0])

    def follow(self, element):
        """Presses it, and waits for the page that it leads to."""
        target = element.attribute("href") if element.tag == "a" else element.attribute("type")
        leads = bool(target) and target != "button" and not target.startswith("#")
        if leads:
            self.browser.run("window.isLeft = true; return 1")
        element.click()
        if leads:
            self.wait("the next page does not come", lambda: self.browser.run(
                "return window.isLeft === undefined && document.readyState === 'complete'"))
        self.arrived()

    def keep(self, words):
        """Presses a button whose answer gives way to another page by itself, and has the answer stay."""
        self.browser.run_later(
            SHOW + "const [button, done] = arguments;"
            "send(button).then((reply) => reply.text()).then((text) => { show(text); whenStyled(() => done(true)); })",
            self.buttons(words)[0])

    def keep_meanwhile(self, words, path, mark):
        """Presses a button, and has a page stay that another visitor sees at `path` while that goes on: the first with
        this mark in its text. Returns whether there was one."""
        return self.browser.run_later(
            SHOW + """
            const [button, path, mark, done] = arguments;
            let more = 20;
            let isAnswered = false;
            send(button).finally(() => { isAnswered = true; });
            const look = async () => {
              const text = await (await fetch(path)).text();
              if (text.includes(mark)) { show(text); whenStyled(() => done(true)); return; }
              if (isAnswered) more -= 1;
              if (more > 0) look(); else done(false);
            };
            look();
            """, self.buttons(words)[0], path, mark)

    # What applications do meanwhile

    def call(self, method, path, key=None, body=None):
        """A call of the API beside the browser."""
        port = int(re.search(r":(\d+)", self.address).group(1))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            headers = {"Authorization": "Bearer " + (key or self.key), "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = connection.getresponse()
            text = reply.read()
            return {"status": reply.status, "body": json.loads(text) if text else {}}
        finally:
            connection.close()

    def verify(self, key):
        return self.call("POST", "/v1/verify", body={"key": key, "network": "127.0.0.1"})["body"]

    def fill_vault(self, batches, entries=0):
        """Stores 256 keys in each batch, and has the audit log get at least so many entries: answers with many values."""
        for batch in range(batches):
            keys = [{"path": "many/%d/%d" % (batch, number), "fields": {"value": "v"}} for number in range(256)]
            self.called("POST", "/v1/keys:import", {"keys": keys, "replace": True})
        asked = [{"path": "many/0/%d" % number} for number in range(256)]
        for _ in range((entries + 255) // 256):
            self.called("POST", "/v1/values", {"keys": asked})

    def called(self, method, path, body):
        reply = self.call(method, path, body=body)
        if reply["status"] != 200:
            self.fail("%s %s: %s %s" % (method, path, reply["status"], reply["body"].get("code")))

    # What must be so on every page

    def width_of_content(self):
        return self.browser.run(
            "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")

    def violations(self, axe):
        """What axe-core finds, in words."""
        if not self.browser.run("return typeof axe === 'object'"):
            self.browser.run(axe + "; return 1")
        found = self.browser.run_later(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then("
            "r => done(JSON.stringify(r.violations.map(v => [v.id, v.help, v.nodes.slice(0, 4).map(n =>"
            " [n.target.join(' '), n.any.concat(n.all).map(c => c.message).join('; ')])]))),"
            "e => done(JSON.stringify([['failed', String(e), []]])))")
        words = []
        for rule, help, nodes in json.loads(found):
            words.append("%s: %s" % (rule, help))
            words += ["    %s %s" % (self.hide(target), self.hide(message)) for target, message in nodes]
        return words
