"""Every page of the console, with something on each: looked at closely by axe-core, in light and dark, on a phone and on a
wide screen; and with markup in every field."""
import os
import time

import story
import strangers

ASSETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 3, "Sources", "Console", "Assets")
# Each template that is a page, and a selector of what that page has and no other.
PAGES = {
    "audit": "tbody#entries",
    "audit_verify": "form[action='/console/audit:verify'], form[action='/console/audit:stop']",
    "confirmation": "form.stack:is([action$=':roll'], [action$=':revoke'], [action$=':delete'])",
    "decision": "section[aria-label='The refusal']",
    "decision_form": "form[action='/console/policies:explain']",
    "enter": "a[href*='/console/enter?']",
    "find_key": "form[action='/console/issuers:find']",
    "first_key": "pre[aria-label='The access key']",
    "form": "form:is([action='/console/issuers:add'], [action^='/console/issuers/'][action$=':edit'])",
    "initialize": "form[action='/console/initialize']",
    "issue_form": "form[action$=':issue']",
    "issued_detail": "section[aria-labelledby='left']",
    "issued_list": "form[data-live]:not([action='/console/keys'])",
    "issued_shown": "section.narrow > .buttons > a.main + a:not([href='/console'])",
    "issuer_list": ".heading:has(a[href='/console/issuers:find']) + p.lead + :is(.empty, table)",
    "key_add": "form[action='/console/add-key']",
    "key_destroy": "form[action$=':destroy']",
    "key_detail": "section[aria-labelledby='versions']",
    "key_edit": "form[action^='/console/keys/']:is([action$=':edit'], [action$=':schedule'])",
    "key_list": "form[data-live][action='/console/keys']",
    "key_reveal": "[data-countdown]",
    "key_store": "form[action$=':store']",
    "led_here": "main:not([tabindex])",
    "policy_list": "form[action='/console/policies:reload']",
    "policy_question": "form[action='/console/policies:ask']",
    "policy_refused": "p > a.button[href='/console/policies']",
    "policy_text": "section[aria-labelledby='text']",
    "problem": "section.narrow > .buttons > a[href='/console']",
    "recovery_code": "form[action='/console/initialize:confirm']",
    "rotation": "section[aria-labelledby='calendar']",
    "rotation_plan": "section[aria-labelledby='steps']",
    "seal": "form[action='/console/seal']",
    "sign_in": "form[action='/console/sign-in']",
    "unseal": "form[action='/console/unseal']",
    "unsealing": "progress[aria-label='How far it is']",
    "usage": "section[aria-labelledby='latency']",
}
# Around all others, and what scripts alone ask for.
NO_PAGES = {"layout", "audit_rows"}

MARKUP = "\"'><img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script></textarea><b>bold</b>{{csrf}}"
# What markup would make of itself, if it were not inert.
TAKEN = (
    "return document.title === 'taken' || document.querySelector('main img, main b, main script, main iframe') !== null"
    " || [...document.querySelectorAll('*')].some(e => [...e.attributes].some(a => a.name.startsWith('on')))")

# What stands out of the screen.
WIDEST = (
    "return [...document.querySelectorAll('main *, header *, footer *')]"
    ".filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
    ".slice(0, 5).map(e => e.tagName.toLowerCase() + '.' + e.className).join(', ')")

# What stands out of the frame that it is in.
OUT = """
    const right = (e) => e.getBoundingClientRect().right;
    return [...document.querySelectorAll('main *')].filter((e) => {
      const frame = e.parentElement.closest('.card, .cards tr, .empty, .notice, .banner, .calendar td');
      return frame && !e.closest('.unseen, .scroll, pre, svg *, thead') && e.getBoundingClientRect().width > 0
        && right(e) > right(frame) + 1;
    }).slice(0, 5).map((e) => e.tagName.toLowerCase() + ' ' + e.textContent.trim().slice(0, 40)).join(', ');
"""


def furnish(person, name="Stripe", text="Takes the money of customers.", scope="orders:read"):
    """A vault with one of everything. Returns the addresses of all pages, each with a word for its picture."""
    for path in ("payments/stripe", "payments/old", "mail/sendgrid"):
        story.add(person, path, "value-of-" + path.replace("/", "-"), Name=name, Description=text, Provider="stripe",
                  Tags="money, live")
    story.rotate_by_itself(person, "payments/stripe")
    person.go("/console/keys/mail/sendgrid:schedule")
    person.choose("Rotator", "generate")
    person.fill("Every", "7d")
    person.press("Save")
    person.go("/console/keys/payments/stripe")
    person.press("Rotate now")
    person.see("is current")
    story.add(person, "mail/silent", "value-of-mail-silent", Name=name, Description=text)
    story.fail_to_rotate(person, "mail/silent")
    person.go("/console/keys/payments/old")
    person.press("Move to trash")
    person.go("/console/issuers:add")
    person.fill("Name", "shop-api")
    person.fill("Description", text)
    person.fill("Scopes", scope)
    person.fill("Tiers", "free=10/s,1000/d,quota=20000/month")
    person.press("Add issuer")
    person.see_heading("shop-api")
    person.press("+ Issue a key")
    person.fill("Name", name)
    person.fill("Owner", name)
    person.fill("Description", text)
    person.tick(scope)
    person.choose("Tier", "free")
    person.fill("Metadata", "plan=" + text.split("\n")[0])
    person.press("Issue key")
    key = person.secret()
    person.press("I have copied it")
    issued = person.path
    for _ in range(3):
        person.verify(key)
    person.go("/console/access:issue")
    person.fill("Name", name)
    person.fill("Owner", name)
    person.fill("Description", text)
    person.tick("payments-service")
    person.press("Create access key")
    application = person.secret()
    person.press("I have copied it")
    access = person.path
    for path in ("payments/stripe", "mail/sendgrid"):
        person.call("GET", "/v1/values/" + path, application)
    refusal = person.call("DELETE", "/v1/keys/payments/stripe", application)["body"]["decision"]
    person.go("/console/audit:verify")
    person.press("Verify")
    person.see("entries a second")
    keys = "/console/keys/payments/"
    return [
        ("keys", "/console/keys"), ("keys-none", "/console/keys?q=nothing"), ("key", keys + "stripe"),
        ("key-trashed", keys + "old"), ("key-add", "/console/add-key"), ("key-edit", keys + "stripe:edit"),
        ("key-store", keys + "stripe:store"), ("key-schedule", keys + "stripe:schedule"),
        ("key-plan", keys + "stripe:plan"), ("key-destroy", keys + "old:destroy"),
        ("issuers", "/console/issuers"), ("issuer-add", "/console/issuers:add"),
        ("issuer", "/console/issuers/shop-api"), ("issuer-edit", "/console/issuers/shop-api:edit"),
        ("issuer-delete", "/console/issuers/shop-api:delete"), ("issue", "/console/issuers/shop-api:issue"),
        ("issued-key", issued), ("issued-roll", issued + ":roll"), ("issued-revoke", issued + ":revoke"),
        ("issued-shown", issued + ":shown"), ("find-key", "/console/issuers:find"),
        ("access", "/console/access"), ("access-issue", "/console/access:issue"), ("access-key", access),
        ("rotation", "/console/rotation"), ("policies", "/console/policies"),
        ("policy", "/console/policies/payments-service"),
        ("ask", "/console/policies:ask?kind=policies&caller=payments-service&action=retrieve&of=key&target=payments/root"),
        ("decisions", "/console/policies:explain"), ("decision", "/console/decisions/" + refusal),
        ("audit", "/console/audit"), ("audit-detailed", "/console/audit?code=refused"),
        ("audit-verify", "/console/audit:verify"), ("usage", "/console/usage"), ("usage-hours", "/console/usage?span=24h"),
        ("seal", "/console/seal"), ("not-found", "/console/keys/payments/none"),
    ]


class CloseLook:
    """Looks at pages in light and dark, on a phone and on a wide screen, and keeps what is wrong with them, and which of
    all pages there are were looked at."""

    def __init__(self, config, person):
        self.axe = config["axe"]
        self.pictures = config.get("pictures")
        self.person = person
        self.browser = person.browser
        self.wrong = []
        self.seen = set()

    def __call__(self, name):
        """Looks at the page that is shown; `name` is the word for its pictures."""
        templates = self.browser.run(
            "return Object.entries(arguments[0]).filter(([, mark]) => document.querySelector(mark)).map(([name]) => name)",
            PAGES)
        if len(templates) != 1:
            self.person.fail("%s is a page of these templates: %s" % (name, ", ".join(templates) or "none"))
        self.seen.update(templates)
        for width in (375, 1600):
            self.browser.resize(width)
            content, screen = self.person.width_of_content()
            if content > screen:
                wide = self.browser.run(WIDEST)
                self.wrong.append("%s is %d wide on a screen of %d: %s" % (self.person.path, content, screen, wide))
            out = self.browser.run(OUT)
            if out:
                self.wrong.append("%s (%s), %d wide: out of its frame stands %s" % (self.person.path, name, width, out))
            for scheme in ("light", "dark"):
                self.browser.prefer(scheme)
                violations = self.person.violations(self.axe)
                if violations:
                    self.wrong.append("%s (%s), %s, %d wide:\n  %s" % (
                        self.person.path, name, scheme, width, "\n  ".join(violations)))
                if self.pictures:
                    with open(os.path.join(self.pictures, "%s-%s-%d.png" % (name, scheme, width)), "wb") as target:
                        target.write(self.browser.picture())
        self.browser.prefer("light")
        self.browser.resize(1280)

    def at_first(self, name):
        """The same for a page that goes by itself after a while: it is there for as long as all of that takes."""
        shown = self.person.path
        self(name)
        if self.person.path != shown:
            self.person.fail("%s does not stay for as long as a look at it takes" % shown)

    def end(self):
        unseen = set(PAGES) - self.seen
        if unseen:
            self.wrong.append("nobody looked at a page of %s" % ", ".join(sorted(unseen)))
        if self.wrong:
            raise AssertionError("\n".join(self.wrong))


def check_pages():
    """What is a page by its template is one of `PAGES`, or this looks at less than there is."""
    found = set()
    for file in os.listdir(ASSETS):
        if file.endswith(".mustache"):
            with open(os.path.join(ASSETS, file), encoding="utf-8") as text:
                if text.read(12).startswith(("{{<layout}}", "<!doctype")):
                    found.add(file[:-len(".mustache")])
    if found - NO_PAGES != set(PAGES):
        raise AssertionError("these are pages on one side alone: %s" % ", ".join(sorted((found - NO_PAGES) ^ set(PAGES))))


def mistakes(person, look, issued):
    """Every form, shown again because of what was written into it."""
    keys = "/console/keys/payments/"
    for name, path, fields, button in (
        ("key-add", "/console/add-key", {"Path": "../x", "Value": "v", "Expires": "soon"}, "Submit"),
        ("key-edit", keys + "stripe:edit", {"Expires": "soon"}, "Save"),
        ("key-schedule", keys + "stripe:schedule", {"Every": "often", "Only between": "dawn"}, "Save"),
        ("key-store", keys + "stripe:store", {"Value of field 1": "v", "Overlap": "long"}, "Store the version"),
        ("key-destroy", keys + "old:destroy", {"Type the key's path to confirm": "x"}, "Destroy for good"),
        ("issuer-add", "/console/issuers:add", {"Name": "shop 2", "Lifetime of a key": "long"}, "Add issuer"),
        ("issuer-edit", "/console/issuers/shop-api:edit", {"Tiers": "free"}, "Save"),
        ("access-issue", "/console/access:issue", {"Name": "Another"}, "Create access key"),
        ("issued-roll", issued + ":roll", {"Overlap": "long"}, "Roll key"),
        ("find-key", "/console/issuers:find", {"Key or prefix": "x"}, "Look it up"),
        ("ask", "/console/policies:ask", {"Their id or name": "nobody", "Its path or name": "../x"}, "Ask"),
        ("explain", "/console/policies:explain", {"Decision id": "no id"}, "Explain"),
        ("rotation", "/console/rotation", {"Beneath": "../x"}, "Show"),
        ("audit", "/console/audit", {"Since": "yesterday", "Address": "nowhere"}, "Search"),
        ("audit-verify", "/console/audit:verify", {"Number of an entry that you kept": "x"}, "Verify"),
    ):
        person.go(path)
        for label, text in fields.items():
            person.fill(label, text)
        person.press(button)
        if not person.browser.find("//*[@aria-invalid='true' or @class='error']"):
            person.fail("nothing is wrong with the form")
        look(name + "-wrong")
    person.go("/console/keys?owner=somebody")
    person.see("No such filter: owner")
    look("keys-unknown")


def begin(config, person, look):
    """The pages of making the vault, with their mistakes. Returns the access key."""
    person.go("/console")
    look("initialize")
    person.fill("Passphrase", config["passphrase"], secret=True)
    person.fill("The same passphrase again", "another")
    person.fill("One-time token", config["token"], secret=True)
    person.press("Make the vault")
    person.see("The two passphrases differ")
    look("initialize-wrong")
    person.fill("Passphrase", config["passphrase"])
    person.fill("The same passphrase again", config["passphrase"])
    person.fill("One-time token", config["token"])
    person.press("Make the vault")
    person.see_heading("Write down the recovery code")
    code = person.secret()
    look("recovery-code")
    person.fill("Type the recovery code back", "not the code")
    person.press("Store the vault")
    person.see("The code is not shown again")
    look("recovery-code-wrong")
    person.fill("Type the recovery code back", code)
    person.press("Store the vault")
    person.see_heading("The vault is made")
    key = person.key = person.secret()
    look("first-key")
    person.press("Sign in")
    story.sign_in(person, key)
    return key


def shown_once(person, look):
    """What a form answers: a value, a new key, policies that were not taken."""
    person.go("/console/keys/payments/stripe")
    person.press("Reveal value")
    person.secret()
    look.at_first("reveal")
    person.go("/console/issuers/shop-api:issue")
    person.fill("Name", "Another")
    person.fill("Limits", "many")
    person.press("Issue key")
    look("issue-wrong")
    person.fill("Limits", "5/s")
    person.press("Issue key")
    person.secret()
    look("issue-shown")
    person.go("/console/issuers:find")
    person.fill("Key or prefix", person.key)
    person.press("Look it up")
    look("find-key-found")


def refuse_policies(config, person, look):
    file = os.path.join(config["policies"], "broken.yaml")
    with open(file, "w", encoding="utf-8") as text:
        text.write("policy: broken\nrules:\n  - allow: [fly]\n    keys: [a]\n")
    os.chmod(file, 0o644)
    person.go("/console/policies")
    person.press("Read the files again")
    person.see_heading("The old policies stay in force")
    look("policies-refused")
    os.remove(file)


def take_a_while(person, look):
    """What runs while somebody looks at it."""
    person.fill_vault(8, entries=12_000)
    person.go("/console/audit?action=inspect")
    person.press("Follow live")
    person.call("GET", "/v1/keys/nobody/knows-this")
    person.see("nobody/knows-this", "Following …")
    look("audit-followed")
    for _ in range(5):
        person.go("/console/audit:verify")
        if person.keep_meanwhile("Verify", "/console/audit:verify", "<progress"):
            break
        person.fill_vault(1, entries=12_000)
    person.see("It runs")
    look("audit-verifying")


def open_again(config, person, key, look):
    """The pages of a sealed vault, of opening it, and of signing in."""
    person.go("/console/keys")
    story.seal(person)
    look("unseal")
    person.fill("Passphrase or recovery code", "not the passphrase")
    person.press("Unseal")
    person.see("This needs another look")
    look("unseal-wrong")
    for _ in range(30):
        person.go("/console")
        if person.heading == "Sign in":
            # It was open before anybody could look.
            story.sign_in(person, key)
            story.seal(person)
        person.fill("Passphrase or recovery code", config["passphrase"], secret=True)
        # Not at once after a wrong passphrase, which slows the next attempt down.
        if person.keep_meanwhile("Unseal", "/console/unseal", "<progress"):
            break
        time.sleep(0.5)
    person.see_heading("The vault is being opened")
    look("unsealing")
    person.wait("the vault is not opened", lambda: person.call("GET", "/v1/status")["body"]["state"] == "unsealed")
    person.go("/console/sign-in")
    look("sign-in")
    person.fill("Access key", "keyturn_that_is_none")
    person.press("Sign in")
    person.see_heading("Sign in")
    look("sign-in-wrong")
    person.fill("Access key", key, secret=True)
    person.keep("Sign in")
    person.see_heading("Signed in")
    look("enter")


def be_led(person, look):
    """Where another site leads, and an address that was used already."""
    port = person.address.rsplit(":", 1)[1].split("/")[0]
    planted = strangers.asked_for(port)
    site = strangers.Site()
    site.pages["/plant"] = (
        "<!doctype html><title>other</title><a href='%s/console/sign-in'>go</a>"
        "<script>document.links[0].click()</script>" % planted)
    person.browser.open(site.url("/plant"))
    person.see_heading("Type the address of the console")
    look("led-here")
    person.browser.open(planted + "/console/enter?code=0.0")
    person.see_heading("This address was used already, or is too old")
    look("enter-over")


def close_look(config, person):
    """No violation on any page, in light and dark; no page is wider than its screen; no page was left out."""
    check_pages()
    look = CloseLook(config, person)
    # What looks at the pages sees what is wrong with one.
    person.go("/console")
    person.browser.run("document.querySelector('main').append(document.createElement('img')); return 1")
    if not any("image-alt" in words for words in person.violations(config["axe"])):
        person.fail("axe-core does not see a picture without words")
    key = begin(config, person, look)
    look("keys-empty")
    for name in ("issuers", "rotation", "usage"):
        person.go("/console/" + name)
        look(name + "-empty")
    pages = furnish(person)
    for name, path in pages:
        person.go(path)
        look(name)
    mistakes(person, look, dict(pages)["issued-key"])
    shown_once(person, look)
    refuse_policies(config, person, look)
    take_a_while(person, look)
    open_again(config, person, key, look)
    be_led(person, look)
    look.end()


def markup(config, person):
    """Markup in every field is inert on every page (abuse 8)."""
    story.initialise(person, config["passphrase"], config["token"])
    wrong = []

    def look():
        if person.browser.run(TAKEN):
            wrong.append(person.path)

    for name, path in furnish(person, name=MARKUP, text=MARKUP):
        person.go(path)
        look()
    for path in ("/console/keys?", "/console/issuers/shop-api?", "/console/audit?", "/console/rotation?"):
        for field in ("q", "provider", "tag", "owner", "caller", "key", "code", "issuer", "prefix", "since"):
            query = field + "=" + "".join("%%%02X" % byte for byte in MARKUP.encode())
            person.go(path + query)
            look()
    person.go("/console/keys")
    if MARKUP[:20] not in person.browser.text:
        wrong.append("the markup is not shown as the text that it is")
    if wrong:
        raise AssertionError("markup came to life on " + ", ".join(wrong))
