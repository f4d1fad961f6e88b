// Makes the disk under a vault's database fail, in a process that links this: the C library's calls are replaced.
#pragma once

enum keyturn_fault {
    KEYTURN_FAULT_NONE,
    KEYTURN_FAULT_FULL,        // the nth write and every later one finds the disk full
    KEYTURN_FAULT_FULL_SHORT,  // the same, but the nth write still puts half of its bytes
    KEYTURN_FAULT_WRITE,       // the nth write fails with an I/O error, once
    KEYTURN_FAULT_SYNC,        // the nth sync fails with an I/O error, once: the next would succeed, as on Linux
};

/// From now on counts writes and syncs of files whose path contains "vault.db", and fails the nth (from 1) as said.
void keyturn_fault_arm(enum keyturn_fault fault, long nth);
/// What has been counted since; a truncation counts as a write.
long keyturn_fault_writes(void);
long keyturn_fault_syncs(void);
/// Whether the fault has struck.
int keyturn_fault_struck(void);
/// Syncs since one failed.
long keyturn_fault_later_syncs(void);
