"""A Chromium without a window, driven over WebDriver's HTTP (W3C) and, where that has no word, over its debugger's (CDP).

The standard library alone. An element is found by what a person sees: the label of a field, the words on a button.
"""
import base64
import http.client
import json
import os
import re
import subprocess
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# Keys that have no letter (WebDriver, section 17.4.2).
TAB, ENTER, SPACE, DOWN, CONTROL = "\ue004", "\ue007", " ", "\ue015", "\ue009"
PATIENCE = 120


class WebDriverError(Exception):
    """What the driver answered; `code` as in the standard."""

    def __init__(self, code, message):
        super().__init__("%s: %s" % (code, message.split("\n")[0]))
        self.code = code


class Driver:
    """A `chromedriver` that runs as long as this object does. It starts browsers."""

    def __init__(self, folder):
        self.folder = folder
        self.log = os.path.join(folder, "chromedriver.log")
        said = os.path.join(folder, "chromedriver.out")
        with open(said, "wb") as out:
            # It takes a port that is free and says which: nobody else can take that in the meantime.
            self.process = subprocess.Popen(
                ["chromedriver", "--port=0", "--log-path=" + self.log],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL,
                env=dict(os.environ, HOME=folder, TMPDIR=folder))
        end = time.monotonic() + PATIENCE
        while True:
            with open(said, encoding="utf-8") as file:
                started = re.search(r"started successfully on port (\d+)\.", file.read())
            if started:
                self.port = int(started.group(1))
                break
            self.be_patient(end)
        while True:
            try:
                self.call("GET", "/status")
                return
            except OSError:
                self.be_patient(end)

    def be_patient(self, end):
        """Waits for a driver that is not ready."""
        if self.process.poll() is not None or time.monotonic() > end:
            self.close()
            raise WebDriverError("no driver", "chromedriver does not answer; see its package chromium-driver")
        time.sleep(0.05)

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            payload = None if body is None else json.dumps(body).encode()
            connection.request(method, path, payload, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise WebDriverError(value["error"], value.get("message", ""))
        return value

    def browser(self, scripts=True, width=1280, height=900):
        """A browser with a profile of its own, so that it shares no cookie with another."""
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--no-first-run",
            "--disable-sync", "--force-device-scale-factor=1", "--lang=en-US",
            # A name of somebody else's that leads here, as after a rebinding.
            "--host-resolver-rules=MAP rebound.example 127.0.0.1",
        ]
        options = {"args": arguments, "binary": "/usr/bin/chromium"}
        if not scripts:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                  "timeouts": {"pageLoad": PATIENCE * 1000, "script": PATIENCE * 1000}}}
        session = self.call("POST", "/session", {"capabilities": wanted})
        return Browser(self, session["sessionId"], scripts, width, height)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Browser:
    """One window."""

    def __init__(self, driver, session, scripts, width, height):
        self.driver = driver
        self.path = "/session/" + session
        self.scripts = scripts
        self.resize(width, height)

    def close(self):
        self.call("DELETE", "")

    def call(self, method, path, body=None):
        return self.driver.call(method, self.path + path, body)

    def cdp(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    # How it looks

    def resize(self, width, height=900):
        """The page is so wide, whatever a window's least width is."""
        self.width = width
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=width < 500)

    def prefer(self, scheme):
        """`light` or `dark`, at once: no colour is on its way to another."""
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}])

    def be_in(self, zone):
        """In a zone of time, such as `Asia/Tokyo`."""
        self.cdp("Emulation.setTimezoneOverride", timezoneId=zone)

    def picture(self, whole=True):
        """A PNG of the page, of all of it or of what shows."""
        found = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=whole, fromSurface=True,
                         **self.frame(whole))
        return base64.b64decode(found["data"])

    def frame(self, whole):
        if not whole:
            return {}
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": self.width, "height": min(size["height"], 6000), "scale": 1}}

    # Where it is

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    @property
    def url(self):
        return self.call("GET", "/url")

    @property
    def title(self):
        return self.call("GET", "/title")

    @property
    def source(self):
        """The document as it is now, what scripts changed included."""
        return self.call("GET", "/source")

    def back(self):
        self.call("POST", "/back", {})

    def reload(self):
        self.call("POST", "/refresh", {})

    def cookies(self):
        return self.call("GET", "/cookie")

    # What is on it

    def find(self, xpath, within=None):
        """The elements that an XPath leads to."""
        base = "/element/%s/elements" % within.id if within else "/elements"
        found = self.call("POST", base, {"using": "xpath", "value": xpath})
        return [Element(self, one[ELEMENT]) for one in found]

    def run(self, script, *arguments):
        """What a function's body returns. It runs in the debugger's name: no policy of the page forbids it, and it runs
        where the page's own scripts do not. Elements are passed as they are."""
        return self.call("POST", "/execute/sync", {"script": script, "args": self.passed(arguments)})

    def run_later(self, script, *arguments):
        """The same for a body that calls its last argument."""
        return self.call("POST", "/execute/async", {"script": script, "args": self.passed(arguments)})

    @staticmethod
    def passed(arguments):
        return [{ELEMENT: one.id} if isinstance(one, Element) else one for one in arguments]

    @property
    def text(self):
        """What a reader can see; nothing while one page gives way to another."""
        body = self.find("//body")
        return body[0].text if body else ""

    def press_keys(self, *keys, held=None):
        """Keys on the keyboard, one after the other, while another is held down."""
        actions = []
        for key in keys:
            actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        if held:
            actions = [{"type": "keyDown", "value": held}] + actions + [{"type": "keyUp", "value": held}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    @property
    def focused(self):
        """What the keyboard stands on."""
        return Element(self, self.call("GET", "/element/active")[ELEMENT])


class Element:
    def __init__(self, browser, id):
        self.browser = browser
        self.id = id

    def call(self, method, path, body=None):
        return self.browser.call(method, "/element/%s%s" % (self.id, path), body)

    def click(self):
        self.call("POST", "/click", {})

    def type(self, text):
        self.call("POST", "/value", {"text": text})

    def clear(self):
        self.call("POST", "/clear", {})

    def attribute(self, name):
        return self.call("GET", "/attribute/" + name)

    def state(self, name):
        return self.call("GET", "/property/" + name)

    @property
    def text(self):
        return self.call("GET", "/text")

    @property
    def tag(self):
        return self.call("GET", "/name").lower()

    @property
    def is_shown(self):
        return self.call("GET", "/displayed")
