"""What scripts make nicer, and what is there in its place without them: lists that search while somebody types, buttons that
copy, values that go by themselves, times in the reader's zone, and what takes a while."""
import datetime
import re

import story
from webdriver import CONTROL

# Hours ahead of UTC, the same all the year: on both sides of it, so that the days differ too.
ZONES = {"Asia/Tokyo": 9, "Pacific/Honolulu": -10}


def tell(config, person):
    story.initialise(person, config["passphrase"], config["token"])
    for path in ("payments/paypal", "payments/stripe", "mail/sendgrid"):
        story.add(person, path, "value-of-" + path.replace("/", "-"), Name=path.split("/")[1].title())
    story.rotate_by_itself(person, "payments/stripe")
    search(person)
    copy(person)
    hide(person)
    for zone, hours in ZONES.items():
        times(person, zone, hours)
    verify(person)


def listed(person):
    return [link.text for link in person.browser.find("//section[@id='results']//td[contains(@class, 'title')]/a")]


def search(person):
    """The list follows what is typed, and the page stays; without scripts the button does it."""
    scripts = person.browser.scripts
    person.go("/console/keys")
    person.browser.run("window.isSame = true; return 1")
    field = person.field("Search stored keys")
    field.type("mail")
    if not scripts:
        if len(listed(person)) != 3:
            person.fail("something else than a script searches while somebody types")
        person.press("Search")
    person.wait("the list does not follow what is typed", lambda: listed(person) == ["Sendgrid"])
    person.see("1 found")
    if scripts:
        if not person.browser.run("return window.isSame === true && document.activeElement.id === 'q'"):
            person.fail("another page comes, or the keyboard stands elsewhere, while somebody types")
        if "?q=mail" not in person.path:
            person.fail("the address is not that of what is shown")
        field.type("-to-nobody")
        person.see("No key matches", "0 found")
        field.clear()
        field.type("pay")
        person.wait("the list does not follow what is typed", lambda: len(listed(person)) == 2)
        # An order that is chosen does the same; the driver's own way of choosing is not a person's.
        person.field("Order").type("Newest")
        person.wait("the list does not follow what is chosen", lambda: listed(person) == ["Stripe", "Paypal"])
        # What is in the address is there when the page is loaded again.
        person.browser.reload()
        if listed(person) != ["Stripe", "Paypal"] or person.field("Search stored keys").state("value") != "pay":
            person.fail("the page is another one when it is loaded again")
    person.press("Clear")
    if len(listed(person)) != 3 or person.field("Search stored keys").state("value"):
        person.fail("Clear does not show all keys again")


def copy(person):
    """The button copies the value, and says so; without scripts there is none, and the value can be selected."""
    person.go("/console/keys/payments/stripe")
    person.press("Reveal value")
    value = person.secret()
    if not person.browser.scripts:
        if person.buttons("Copy"):
            person.fail("there is a button that does nothing")
        return
    person.press("Copy")
    person.see("Copied")
    paste(person, value)
    # A new key, which is shown once.
    person.go("/console/access:issue")
    person.fill("Name", "somebody")
    person.tick("payments-service")
    person.press("Create access key")
    key = person.secret()
    person.press("Copy")
    person.see("Copied")
    paste(person, key)


def paste(person, expected):
    """What was copied is pasted where nothing is sent from."""
    person.go("/console/issuers:find")
    field = person.field("Key or prefix")
    field.click()
    person.browser.press_keys("v", held=CONTROL)
    if field.state("value") != expected:
        person.fail("something else was copied than what is shown")


def put_forward(person, seconds):
    """The page's clock, and no other, is so far ahead."""
    person.browser.run(
        "window.rightTime ??= Date.now; const [by] = arguments; Date.now = () => window.rightTime() + by * 1000; return 1",
        seconds)


def hide(person):
    """A value is gone from the screen after half a minute, which is counted; nor does it come back."""
    person.go("/console/keys/payments/stripe")
    person.press("Reveal value")
    value = person.secret()
    shown = person.path
    if not person.browser.scripts:
        # The browser itself goes on, by a header: what it says is in the tests of the console.
        person.see("It disappears in 30 seconds")
        person.press("Hide it now")
        person.see_no(value)
        return

    def left():
        return int(person.browser.find("//*[@data-countdown]")[0].text)

    put_forward(person, 12)
    person.wait("nothing is counted", lambda: left() <= 18)
    put_forward(person, 20)
    person.wait("nothing is counted", lambda: left() <= 10)
    if person.path != shown or value not in person.browser.text:
        person.fail("the value is gone too early")
    put_forward(person, 31)
    person.wait("the value stays", lambda: person.path == "/console/keys/payments/stripe")
    person.see_heading("Stripe")
    if value in person.browser.source:
        person.fail("the value is still there")
    person.browser.back()
    if value in person.browser.source:
        person.fail("the value comes back")


def times(person, zone, hours):
    """Times are in the reader's zone, with the exact UTC to be seen by whoever points at them; without scripts, in UTC."""
    person.browser.be_in(zone)
    person.call("GET", "/v1/keys/nobody/knows-this")
    for path in ("/console/keys", "/console/keys/payments/stripe", "/console/audit", "/console/rotation"):
        person.go(path)
        check_times(person, hours)
    if person.browser.scripts:
        # What scripts add is in the zone as well.
        person.go("/console/audit?action=inspect")
        person.press("Follow live")
        person.call("GET", "/v1/keys/nobody/knows-that-" + zone.split("/")[1].lower())
        person.see("nobody/knows-that-" + zone.split("/")[1].lower())
        check_times(person, hours)
        person.go("/console/keys")
        person.field("Search stored keys").type("stripe")
        person.see("1 found")
        check_times(person, hours)
    person.browser.be_in("UTC")


def check_times(person, hours):
    found = person.browser.run(
        "return [...document.querySelectorAll('main time')].map("
        "t => [t.dateTime, t.title, t.textContent, 'date' in t.dataset])")
    if not found:
        person.fail("there is no time on the page")
    for stamp, title, shown, is_date in found:
        moment = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ")
        if title != moment.strftime("%Y-%m-%d %H:%M:%S UTC"):
            person.fail("%s is not told exactly, but as %s" % (stamp, title))
        if person.browser.scripts:
            there = moment + datetime.timedelta(hours=hours)
            expected = "%s %d, %d" % (there.strftime("%b"), there.day, there.year)
            if not is_date:
                expected += ", %d:%02d %s" % ((there.hour + 11) % 12 + 1, there.minute, "AM" if there.hour < 12 else "PM")
        else:
            expected = "%d %s UTC" % (moment.day, moment.strftime("%b %Y, %H:%M"))
        if re.sub(r"\s", " ", shown) != expected:
            person.fail("%s is shown as %r and not as %r" % (stamp, shown, expected))


def verify(person):
    """A verification says how far it is, goes on by itself, and ends with what it found; another is stopped."""
    # As many as the server needs to be busy with for a while, however fast it was built.
    for entries in (12_000, 24_000, 48_000, 96_000, 192_000):
        person.fill_vault(1, entries=entries)
        if is_told_how_far(person):
            break
    else:
        person.fail("nobody is told how far a verification is")
    # The page comes anew by itself.
    person.see("The log is whole", "entries a second")
    for _ in range(5):
        person.go("/console/audit:verify")
        person.press("Verify")
        if person.buttons("Stop"):
            person.press("Stop")
        if "was stopped before it was done" in person.browser.text:
            return
        person.fill_vault(1, entries=48_000)
    person.fail("a verification is not stopped")


def is_told_how_far(person):
    """Begins a verification. Returns whether it says how many entries of how many were looked at, before it is done."""
    person.go("/console/audit:verify")
    person.press("Verify")
    while "It runs" in person.browser.text:
        told = re.search(r"([1-9][\d\s]*) of about ([\d\s]+) entries", person.browser.text)
        if told:
            seen, every = (int(re.sub(r"\s", "", number)) for number in told.groups())
            bar = person.browser.run(
                "const bar = document.querySelector('progress'); return bar && [bar.value, bar.max]")
            if bar and not (0 < seen <= every and bar[0] > 0 and 0 < bar[1] <= every):
                person.fail("%d of %d entries are told, and the bar is at %s" % (seen, every, bar))
            return True
        person.browser.reload()
    return False
