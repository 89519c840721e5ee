// Tells the thread sanitizer what happens inside of Swift's Mutex when two threads want it at once.
//
// The fast path of Synchronization.Mutex is compiled into its callers, where the sanitizer sees it. The slow paths lie in the
// standard library, which is not instrumented: without this every contended Mutex looks like no Mutex at all. Preloaded,
// these functions stand before the library's own and call them. The mutex is passed as `self`, in the register that Swift's
// calling convention has for it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex

// Weak: programs without the sanitizer (a shell that starts one, say) have neither.
void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

static void *original(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

// Mutex._MutexHandle._lockSlow(_: UInt32)
SWIFT void lockSlow(uint32_t thread, SELF) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void lockSlow(uint32_t thread, SELF) {
    SWIFT void (*next)(uint32_t, SELF) = original("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
    next(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

// Mutex._MutexHandle._tryLockSlow() -> Bool
SWIFT bool tryLockSlow(SELF) __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
SWIFT bool tryLockSlow(SELF) {
    SWIFT bool (*next)(SELF) = original("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
    bool isLocked = next(mutex);
    if (isLocked && __tsan_acquire) __tsan_acquire(mutex);
    return isLocked;
}

// Mutex._MutexHandle._unlockSlow()
SWIFT void unlockSlow(SELF) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
SWIFT void unlockSlow(SELF) {
    if (__tsan_release) __tsan_release(mutex);
    SWIFT void (*next)(SELF) = original("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
    next(mutex);
}
