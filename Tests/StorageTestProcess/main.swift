import CStorageFaults
import Foundation
import SQLiteStorage
import Storage

// A program for tests of the store: `StorageTestProcess VERB FOLDER [MORE]`. What it has to say it writes by the line.

func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { exit(2) }
let path = arguments[2]

do {
    switch arguments[1] {
    case "commit":  // Commits without end and says the number of each when it has been acknowledged.
        let store = try SQLiteStore(folder: path)
        var number = try Workload.verify(store)
        while true {
            number += 1
            try store.commit(Workload.batch(number))
            say("\(number)")
        }
    case "verify":  // Says the number of the last commit, or what is wrong.
        let store = try SQLiteStore(folder: path)
        say("\(try Workload.verify(store))")
        store.close()
    case "hold":  // Holds the store, made under the given umask, until the input ends; then commits once more.
        umask(mode_t(arguments[3], radix: 8) ?? 0)
        let store = try SQLiteStore(folder: path)
        try store.commit(Workload.batch(Workload.verify(store) + 1))
        say("ready")
        _ = FileHandle.standardInput.readDataToEndOfFile()
        try store.checkIdentity()
        try store.commit(Workload.batch(Workload.verify(store) + 1))
        store.close()
        say("done")
    case "scribble":  // Overwrites bytes of a file in place.
        guard let file = FileHandle(forWritingAtPath: path) else { exit(2) }
        try file.seek(toOffset: UInt64(arguments[3]) ?? 0)
        file.write(Data("scribbled".utf8))
        try file.close()
    case "sweep":
        let faults = [
            "full": KEYTURN_FAULT_FULL, "short": KEYTURN_FAULT_FULL_SHORT, "write": KEYTURN_FAULT_WRITE,
            "sync": KEYTURN_FAULT_SYNC,
        ]
        guard let fault = faults[arguments[3]] else { exit(2) }
        say("survived \(try Sweep(fault: fault, folder: URL(fileURLWithPath: path)).run())")
    default: exit(2)
    }
} catch { say("error: \(error)") }
