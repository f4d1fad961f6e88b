internal import NIOCore
internal import Usage
internal import Vault
internal import VaultAPI

/// All metrics of one moment. No label holds what a client or an operator has written: labels are routes of ours,
/// codes, and states.
struct MetricsPage {
    let gauges: VaultGauges
    let requests: RequestMetrics
    let connections: Int
    let process: ProcessNumbers

    func text() -> ByteBuffer {
        var text = MetricsText()
        addVault(&text)
        addRequests(&text)
        addAudit(&text)
        addStore(&text)
        addInventory(&text)
        addProcess(&text)
        return text.buffer
    }

    private func addVault(_ text: inout MetricsText) {
        text.begin("keyturn_build_info", .gauge, "The version that runs.")
        text.add(1, [("version", Release.version)])
        text.begin("keyturn_seal_state", .gauge, "1 for the state that the vault is in.")
        for state in ["uninitialized", "sealed", "unsealed"] {
            text.add(gauges.state.rawValue == state ? 1 : 0, [("state", state)])
        }
        text.only(
            "keyturn_read_only", .gauge, "1 where the vault was opened with damage and takes no change.",
            gauges.readOnly ? 1 : 0)
    }

    private func addRequests(_ text: inout MetricsText) {
        let rows =
            RouteTable.routes.map { (name: $0.name, numbers: requests.numbers($0.operation)) }
            + [(name: "console", numbers: requests.numbers(.page)), (name: "none", numbers: requests.numbers(nil))]
        text.begin(
            "keyturn_http_requests_total", .counter,
            "Replies by route template, class of status and outcome; `none`: requests that reached no route.")
        for row in rows {
            for status in 1...5 {
                for outcome in RequestMetrics.Outcome.allCases where row.numbers[status, outcome] > 0 {
                    text.add(
                        row.numbers[status, outcome],
                        [("route", row.name), ("status", "\(status)xx"), ("outcome", outcome.word)])
                }
            }
        }
        text.begin("keyturn_http_request_duration_seconds", .histogram, "From a request's head to its reply.")
        for row in rows where row.numbers.durations.count > 0 {
            text.add(row.numbers.durations, [("route", row.name)])
        }
        text.begin("keyturn_problems_total", .counter, "Replies that were problems, by code.")
        for (code, count) in requests.problemCounts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text.add(count, [("code", code.rawValue)])
        }
        text.only("keyturn_connections", .gauge, "Connections that are open.", connections)
        text.only("keyturn_waiting_requests", .gauge, "Retrievals that wait for a change.", gauges.waits)
        text.only(
            "keyturn_enrolment_reuses_total", .counter,
            "Enrolment codes that were presented again after they had been exchanged.", gauges.numbers.enrolmentReuses)
    }

    private func addAudit(_ text: inout MetricsText) {
        let audit = gauges.audit
        text.begin("keyturn_audit_entries_total", .counter, "Entries written to the audit log, by outcome.")
        for (outcome, count) in gauges.entries.sorted(by: { $0.key < $1.key }) {
            text.add(count, [("outcome", outcome)])
        }
        text.only(
            "keyturn_audit_failing", .gauge, "1 where the audit log takes no entries: requests are refused.",
            audit.isFailing ? 1 : 0)
        text.only("keyturn_audit_sequence", .gauge, "The sequence of the last entry written.", audit.written)
        text.only(
            "keyturn_audit_unsynced_entries", .gauge, "Entries that are written and not yet known to be on the disk.",
            audit.written - min(audit.written, audit.synced))
        text.only(
            "keyturn_audit_unsynced_seconds", .gauge, "How long the oldest of those has waited.",
            Double(audit.unsyncedFor) / 1_000)
        text.only("keyturn_audit_waiting_entries", .gauge, "Entries that wait to be written.", audit.waiting)
        text.only(
            "keyturn_audit_reserve_bytes", .gauge, "What remains of the space set aside for a full disk.",
            audit.reserve)
        text.only(
            "keyturn_audit_reserve_full_bytes", .gauge, "What there should be of that space.", audit.fullReserve)
        addSinks(&text, audit.further)
    }

    /// Sinks beside the file: families without samples where there are none.
    private func addSinks(_ text: inout MetricsText, _ sinks: [AuditStanding.Further]) {
        func family(
            _ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (AuditStanding.Further) -> UInt64
        ) {
            text.begin(name, kind, help)
            for sink in sinks { text.add(value(sink), [("sink", sink.name), ("need", sink.need)]) }
        }
        family("keyturn_audit_sink_up", .gauge, "1 where a further sink is connected.") { $0.isUp ? 1 : 0 }
        family("keyturn_audit_sink_refusing", .gauge, "1 where requests are refused on its account.") {
            $0.isRefusing ? 1 : 0
        }
        family("keyturn_audit_sink_waiting_entries", .gauge, "Lines that wait for it.") { UInt64($0.waiting) }
        family("keyturn_audit_sink_taken_entries_total", .counter, "Lines that it has taken.") { $0.taken }
        family("keyturn_audit_sink_dropped_entries_total", .counter, "Lines that were dropped.") { $0.dropped }
    }

    private func addStore(_ text: inout MetricsText) {
        text.begin(
            "keyturn_store_commit_duration_seconds", .histogram,
            "How long batches took that were given to the store; its count is how many.")
        text.add(gauges.numbers.commits)
        text.only(
            "keyturn_store_commit_failures_total", .counter,
            "Batches that the store did not take, or that are in doubt.",
            gauges.numbers.failedCommits)
        text.only("keyturn_changes_waiting", .gauge, "Changes that wait for the next commit.", gauges.waiting)
        text.begin(
            "keyturn_derivation_duration_seconds", .histogram,
            "How long Argon2id took for passphrases and recovery codes.")
        text.add(gauges.numbers.derivations)
    }

    private func addInventory(_ text: inout MetricsText) {
        let inventory = gauges.inventory
        text.begin("keyturn_keys", .gauge, "Keys by state; none while sealed.")
        for (state, count) in inventory.keys.sorted(by: { $0.key < $1.key }) { text.add(count, [("state", state)]) }
        text.begin("keyturn_keys_rotation", .gauge, "Keys by the state of their rotation; none while sealed.")
        for (state, count) in inventory.rotations.sorted(by: { $0.key < $1.key }) {
            text.add(count, [("state", state)])
        }
        addRotations(&text)
        text.begin("keyturn_issued_keys", .gauge, "Issued keys of all issuers by state; none while sealed.")
        for (state, count) in inventory.issuedKeys.sorted(by: { $0.key < $1.key }) {
            text.add(count, [("state", state)])
        }
        text.begin("keyturn_verifications_total", .counter, "Verifications of issued keys, by code.")
        for (code, count) in gauges.verifications.sorted(by: { $0.key < $1.key }) {
            text.add(count, [("code", code)])
        }
        text.only(
            "keyturn_usage_subjects", .gauge, "Keys, callers and issued keys that have counters of their own.",
            inventory.usageSubjects)
        text.only("keyturn_usage_numbers", .gauge, "Numbers that the usage counters keep.", inventory.usageNumbers)
    }

    private func addRotations(_ text: inout MetricsText) {
        let inventory = gauges.inventory
        text.begin(
            "keyturn_rotation_errors", .gauge,
            "Keys whose rotation did not succeed in its last step, by reason; those without any are left out.")
        for (reason, count) in inventory.rotationErrors.sorted(by: { $0.key < $1.key }) {
            text.add(count, [("reason", reason)])
        }
        text.begin(
            "keyturn_rotation_last_error_timestamp_seconds", .gauge,
            "When a step last did not succeed, of keys where that stands, since 1970.")
        if let time = inventory.lastRotationError { text.add(Double(time) / 1000) }
        text.begin(
            "keyturn_rotation_next_timestamp_seconds", .gauge,
            "When a rotation goes on by itself next: due, tried again, or over its overlap, since 1970.")
        if let time = inventory.nextRotation { text.add(Double(time) / 1000) }
    }

    private func addProcess(_ text: inout MetricsText) {
        text.only("process_cpu_seconds_total", .counter, "CPU time of the process.", process.cpuSeconds)
        if let started = process.started {
            text.only("process_start_time_seconds", .gauge, "When the process began, since 1970.", started)
        }
        if let bytes = process.residentBytes {
            text.only("process_resident_memory_bytes", .gauge, "Memory of the process that is in RAM.", bytes)
        }
        if let bytes = process.virtualBytes {
            text.only("process_virtual_memory_bytes", .gauge, "Memory that the process has mapped.", bytes)
        }
        if let count = process.openFiles {
            text.only("process_open_fds", .gauge, "Files and connections that are open.", count)
        }
        if let most = process.mostFiles {
            text.only("process_max_fds", .gauge, "How many may be open.", most)
        }
    }
}
