"""Runs one scenario in a browser and ends with 0 where all was as it should be.

Usage: run.py SCENARIO

Reads a JSON object: `address` of the console, `passphrase`, `token` (the one-time token of a new vault), `axe` (the file
axe.min.js), `provider` (the port of the provider `silent`), `policies` (the folder of the policy files), `pictures` (a folder
for pictures of the pages; optional). What went wrong is printed, without any secret.
"""
import json
import signal
import sys
import tempfile
import traceback

import keyboard
import pages
import scripts
import story
import strangers
from person import Failure, Person
from webdriver import Driver, WebDriverError

SCENARIOS = {
    "story": (story.tell, True),
    "story-without-scripts": (story.tell, False),
    "close-look": (pages.close_look, True),
    "scripts": (scripts.tell, True),
    "scripts-switched-off": (scripts.tell, False),
    "keyboard": (keyboard.lead, True),
    "keyboard-without-scripts": (keyboard.lead, False),
    "markup": (pages.markup, True),
    "strangers": (strangers.achieve_nothing, True),
}


def main():
    # What a test starts inherits the signals that its own threads block, and the driver would not end when asked to.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    scenario, has_scripts = SCENARIOS[sys.argv[1]]
    config = json.load(sys.stdin)
    if "axe" in config:
        with open(config["axe"], encoding="utf-8") as file:
            config["axe"] = file.read()
    # What is left of a browser may still write to its profile while it is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        driver = Driver(folder)
        try:
            browser = driver.browser(scripts=has_scripts)
            person = Person(browser, config["address"])
            try:
                scenario(config, person)
                return 0
            except (Failure, AssertionError) as failure:
                print(person.hide(str(failure)))
                where = traceback.extract_tb(failure.__traceback__)
                print("\n".join("    %s:%d %s" % (f.filename.rsplit("/", 1)[-1], f.lineno, f.name) for f in where))
            except WebDriverError as error:
                print("%s: %s" % (person.path, person.hide(str(error))))
                where = traceback.extract_tb(error.__traceback__)
                print("\n".join("    %s:%d %s" % (f.filename.rsplit("/", 1)[-1], f.lineno, f.name) for f in where))
            finally:
                browser.close()
            return 1
        finally:
            driver.close()


if __name__ == "__main__":
    sys.exit(main())
