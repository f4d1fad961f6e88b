"""The console with a keyboard alone: where Tab leads, what Enter and Space do, and that nothing wants more than that."""
import story
from webdriver import DOWN, ENTER, SPACE, TAB

# All that a keyboard can stand on, in the order of the page, with where it is before the keyboard moves anything.
CONTROLS = """
    window.controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
      .filter((e) => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility());
    window.words = (e) => e.tagName.toLowerCase() + ' ' + JSON.stringify(
      (e.getAttribute('aria-label') || e.textContent || e.name || e.id).trim().replace(/\\s+/g, ' ').slice(0, 60));
    window.places = window.controls.map((e) => e.getBoundingClientRect());
    window.reached = [];
    document.addEventListener('focusin', (event) => window.reached.push(event.target));
    window.controls[0].focus();
    return window.controls.length;
"""
# What is wrong with the way that Tab took: a control that it left out or came to out of turn; one that stands above or
# before the one that it came from; one whose place nobody can see.
WAY = """
    const wrong = [];
    const isScroller = (e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight;
    const reached = window.reached.filter((e) => window.controls.includes(e) || !isScroller(e));
    window.controls.forEach((control, place) => {
      if (reached[place] !== control) {
        wrong.push(`${window.words(control)} is number ${place + 1}, and Tab came to `
          + (reached[place] ? window.words(reached[place]) : 'nothing'));
      }
      if (place === 0) return;
      const [before, here] = [window.places[place - 1], window.places[place]];
      const isBelow = here.top >= before.bottom - 4;
      const isBeside = here.left >= before.left - 1 && here.bottom > before.top;
      if (!isBelow && !isBeside) {
        wrong.push(`${window.words(control)} comes after ${window.words(window.controls[place - 1])} and stands before it`);
      }
    });
    return wrong.slice(0, 5).join('; ');
"""
# Whether the browser shows where the keyboard stands.
IS_MARKED = """
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
"""


def lead(config, person):
    story.initialise(person, config["passphrase"], config["token"])
    for path in ("payments/stripe", "mail/sendgrid"):
        story.add(person, path, "value-of-" + path.replace("/", "-"), Name=path.split("/")[1].title(),
                  Provider=path.split("/")[1], Tags="money, live")
    story.rotate_by_itself(person, "payments/stripe")
    key = "/console/keys/payments/stripe"
    # On a phone there is one column, so that the order of a page with several can be seen. Without scripts nothing tells
    # where the keyboard was; the pages are the same.
    for path, width in (("/console/keys", 1280), ("/console/keys", 375), (key, 375), ("/console/add-key", 1280),
                        ("/console/add-key", 375), (key + ":schedule", 1280), ("/console/access:issue", 1280),
                        ("/console/audit", 1280), ("/console/policies:ask", 1280)):
        if not person.browser.scripts:
            break
        person.browser.resize(width)
        person.go(path)
        walk(person)
    person.browser.resize(1280)
    work(person)


def walk(person):
    """Tab leads to every control of the page, in the order in which they stand."""
    count = person.browser.run(CONTROLS)
    if count < 10:
        person.fail("there are %d controls" % count)
    # Some boxes that scroll are stops as well.
    person.browser.press_keys(*[TAB] * (count + 5))
    wrong = person.browser.run(WAY)
    if wrong:
        person.fail(wrong)


def where(person):
    """What the keyboard stands on, by its label or its words."""
    return person.browser.run(
        "const e = document.activeElement;"
        "const words = e.getAttribute('aria-label') || (e.labels && e.labels.length ? e.labels[0].textContent : '')"
        " || e.textContent;"
        "return words.replace(/ \\*$/, '').trim()")


def tab_to(person, words):
    for _ in range(80):
        person.browser.press_keys(TAB)
        if where(person) == words:
            if not person.browser.run(IS_MARKED):
                person.fail("nobody sees that the keyboard stands on %r" % words)
            return
    person.fail("Tab does not come to %r" % words)


def stand_on(person, words):
    person.wait("the keyboard does not stand on %r" % words, lambda: where(person) == words)


def strike(person, key):
    """A key that leads to another page."""
    person.browser.run("window.isLeft = true; return 1")
    person.browser.press_keys(key)
    person.wait("the next page does not come", lambda: person.browser.run(
        "return window.isLeft === undefined && document.readyState === 'complete'"))
    person.arrived()


def type_in(person, label, text):
    tab_to(person, label)
    person.browser.press_keys(*text)


def work(person):
    """A day at the keyboard: past the navigation, a search, a key from its adding to its end, a new access key."""
    # The first stop leads past the navigation.
    person.go("/console/keys/payments/stripe")
    person.browser.press_keys(TAB)
    if where(person) != "Skip to the content" or not person.browser.run(IS_MARKED):
        person.fail("the first stop is %r" % where(person))
    person.browser.press_keys(ENTER)
    person.wait("the way past the navigation leads nowhere", lambda: person.browser.run(
        "return document.activeElement.id === 'main'"))
    person.browser.press_keys(TAB)
    if where(person) != "Stored keys" or person.browser.run("return document.activeElement.closest('nav') !== null"):
        person.fail("after the navigation comes %r" % where(person))

    # Search, and a result.
    person.go("/console/keys")
    type_in(person, "Search stored keys", "sendgrid")
    strike(person, ENTER)
    person.see("1 found")
    tab_to(person, "Sendgrid")
    strike(person, ENTER)
    person.see_heading("Sendgrid")

    # A new key: a choice and text by keys alone.
    person.go("/console/keys")
    tab_to(person, "+ Add API key")
    strike(person, ENTER)
    # The form begins at its first field.
    stand_on(person, "Path")
    person.browser.press_keys(*"mail/brevo")
    type_in(person, "Value", "value-of-brevo")
    tab_to(person, "More fields, such as an id beside a secret")
    person.browser.press_keys(ENTER)
    type_in(person, "Name of field 1", "account")
    type_in(person, "Value of field 1", "number-seven")
    tab_to(person, "Visibility")
    person.browser.press_keys(DOWN)
    tab_to(person, "Submit")
    strike(person, SPACE)
    person.see_heading("mail/brevo")
    person.see("public: it may be embedded", "account")

    # Its value, and its end.
    tab_to(person, "Reveal value")
    strike(person, SPACE)
    if sorted([person.secret(0), person.secret(1)]) != ["number-seven", "value-of-brevo"]:
        person.fail("other values were typed")
    tab_to(person, "Hide it now")
    strike(person, ENTER)
    tab_to(person, "Move to trash")
    strike(person, SPACE)
    tab_to(person, "Destroy …")
    strike(person, ENTER)
    stand_on(person, "Type the key's path to confirm")
    person.browser.press_keys(*"mail/brevo")
    tab_to(person, "Destroy for good")
    strike(person, ENTER)
    person.see("The key mail/brevo is erased")

    # A form with mistakes: with scripts the keyboard stands on what is wrong, which leads to the field.
    person.go("/console/access:issue")
    stand_on(person, "Name")
    person.browser.press_keys(*"somebody")
    tab_to(person, "Create access key")
    strike(person, ENTER)
    person.see("This needs another look")
    if person.browser.scripts:
        person.wait("the keyboard does not stand on what is wrong", lambda: person.browser.run(
            "return document.activeElement.id === 'problems'"))
        person.browser.press_keys(TAB)
        stand_on(person, "Policies")
        person.browser.press_keys(ENTER)
    tab_to(person, "payments-service")
    person.browser.press_keys(SPACE)
    tab_to(person, "Create access key")
    strike(person, ENTER)
    person.see_heading("Copy the key now")
