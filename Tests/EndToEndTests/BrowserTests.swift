import TestThreads
import Testing

/// The console's whole life in a browser, and what others may not do with it.
@Suite(.blocks, .serialized, .timeLimit(.minutes(30))) struct BrowserTests {
    @Test("The whole life of a vault can be led in a browser")
    func story() throws { try BrowserScenario.play("story") }

    @Test("All of it works without JavaScript")
    func storyWithoutScripts() throws { try BrowserScenario.play("story-without-scripts") }

    @Test("Markup in every field is inert on every page")
    func markup() throws { try BrowserScenario.play("markup") }

    @Test(
        "Forms, frames, scripts and names of other sites achieve nothing, and going back shows nothing after signing out"
    )
    func strangers() throws { try BrowserScenario.play("strangers") }
}

/// How the console's pages are for those who look, listen or type: beside the other suite, one browser at a time in each.
@Suite(.blocks, .serialized, .timeLimit(.minutes(30))) struct BrowserLookTests {
    @Test("axe-core finds nothing on any page there is, in light and dark, on a phone and on a wide screen")
    func closeLook() throws { try BrowserScenario.play("close-look") }

    @Test("Scripts search while somebody types, copy, hide a value in time, and show times in the reader's zone")
    func scripts() throws { try BrowserScenario.play("scripts") }

    @Test("What scripts do is there without them, or done by hand")
    func scriptsSwitchedOff() throws { try BrowserScenario.play("scripts-switched-off") }

    @Test("A keyboard reaches every control in the order in which they stand, and works all of them")
    func keyboard() throws { try BrowserScenario.play("keyboard") }

    @Test("A keyboard is enough without JavaScript, too")
    func keyboardWithoutScripts() throws { try BrowserScenario.play("keyboard-without-scripts") }
}
