"""Every page of the console, with something on each, looked at closely: by axe-core, in light and dark, on a phone and on a
wide screen; with markup in every field; by pages of other sites."""
import os

import story
from webdriver import WebDriverError

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


def close_look(config, person):
    """No violation on any page, in light and dark; no page is wider than its screen."""
    wrong = []
    pictures = config.get("pictures")

    def inspect(name, scheme, width):
        """What is wrong with the page as it is now."""
        found = []
        person.browser.resize(width)
        content, screen = person.width_of_content()
        if content > screen:
            wide = person.browser.run(WIDEST)
            found.append("%s is %d wide on a screen of %d: %s" % (person.path, content, screen, wide))
        if width == 1600 or scheme == "light":
            violations = person.violations(config["axe"])
            if violations:
                found.append("%s, %s, %d wide:\n  %s" % (person.path, scheme, width, "\n  ".join(violations)))
        if pictures:
            file = os.path.join(pictures, "%s-%s-%d.png" % (name, scheme, width))
            with open(file, "wb") as target:
                target.write(person.browser.picture())
        return found

    def inspect_while_there(show, name, scheme, width):
        """The same for a page that goes by itself: `show` brings it; what was seen of the next page does not count."""
        for _ in range(20):
            person.browser.resize(1280)
            shown = show()
            try:
                found = inspect(name, scheme, width)
            except WebDriverError:
                if person.path == shown:
                    raise
                continue
            if person.path == shown:
                return found
        person.fail("the page does not stay for as long as a look at it takes")

    def look(name, show=None):
        for scheme in ("light", "dark"):
            person.browser.prefer(scheme)
            for width in (375, 1600):
                if show:
                    wrong.extend(inspect_while_there(show, name, scheme, width))
                else:
                    wrong.extend(inspect(name, scheme, width))
        person.browser.prefer("light")
        person.browser.resize(1280)

    # What looks at the pages sees what is wrong with one.
    person.go("/console")
    person.browser.run("document.querySelector('main').append(document.createElement('img')); return 1")
    if not any("image-alt" in words for words in person.violations(config["axe"])):
        person.fail("axe-core does not see a picture without words")
    person.go("/console")
    look("initialize")
    key = story.initialise(person, config["passphrase"], config["token"])
    look("keys-empty")
    person.go("/console/issuers")
    look("issuers-empty")
    person.go("/console/rotation")
    look("rotation-empty")
    person.go("/console/usage")
    look("usage-empty")
    for name, path in furnish(person):
        person.go(path)
        look(name)
    # What a form answers: mistakes, a value, a new key.
    def reveal():
        """The value of a key, which is shown for half a minute. Returns the page's path."""
        person.go("/console/keys/payments/stripe")
        person.press("Reveal value")
        return "/console/keys/payments/stripe:reveal"

    look("reveal", reveal)
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
    person.fill("Key or prefix", key)
    person.press("Look it up")
    look("find-key-found")
    person.go("/console/keys")
    story.seal(person)
    look("unseal")
    person.fill("Passphrase or recovery code", config["passphrase"], secret=True)
    person.press("Unseal")
    person.see_heading("Sign in")
    look("sign-in")
    if wrong:
        raise AssertionError("\n".join(wrong))


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
