import Testing

@testable import SecretMemory

@Suite("The memory that there is")
struct SystemMemoryTests {
    private let meminfo = """
        MemTotal:       24683456 kB
        MemFree:        21000000 kB
        MemAvailable:   23255040 kB
        """

    @Test("Text that is no meminfo gives no figures")
    func malformed() {
        #expect(SystemMemory(meminfo: "", controlGroups: []) == nil)
        #expect(SystemMemory(meminfo: "MemTotal: many kB\nMemAvailable: 3 kB", controlGroups: []) == nil)
    }

    @Test("Without a limit the machine's memory counts")
    func unlimited() {
        let expected = SystemMemory(usableKiB: 24_683_456, availableKiB: 23_255_040)
        #expect(SystemMemory(meminfo: meminfo, controlGroups: []) == expected)
        #expect(SystemMemory(meminfo: meminfo, controlGroups: [("max\n", "123\n")]) == expected)
    }

    @Test("The tightest control group counts, and one that is over its limit leaves nothing")
    func limited() {
        let groups = [(limit: "1073741824\n", used: "536870912\n"), (limit: "2147483648\n", used: "2147479552\n")]
        #expect(
            SystemMemory(meminfo: meminfo, controlGroups: groups)
                == SystemMemory(usableKiB: 1 << 20, availableKiB: 4))
        #expect(
            SystemMemory(meminfo: meminfo, controlGroups: [("4096", "8192")])
                == SystemMemory(usableKiB: 4, availableKiB: 0))
    }

    @Test("The control group's folders are those of the line of version 2")
    func folders() {
        #expect(
            SystemMemory.controlGroupFolders("1:name=x:/y\n0::/a/b\n")
                == ["/sys/fs/cgroup", "/sys/fs/cgroup/a", "/sys/fs/cgroup/a/b"])
        #expect(SystemMemory.controlGroupFolders("0::/\n") == ["/sys/fs/cgroup"])
        #expect(SystemMemory.controlGroupFolders("0::/../x\n") == ["/sys/fs/cgroup", "/sys/fs/cgroup/x"])
        #expect(SystemMemory.controlGroupFolders("").isEmpty)
    }

    @Test("This system has memory")
    func here() throws {
        let memory = try #require(SystemMemory.now())
        #expect(memory.usableKiB > 0)
    }
}
