@testable import Console

/// The engine has a type of the same name; this name is the console's.
typealias ConsolePage = Page
