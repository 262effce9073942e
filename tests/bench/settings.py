# SPDX-License-Identifier: MIT
"""kernel.core_pattern and its like, for the time of one crash."""
import fcntl
import os


class Settings:
    """The kernel's, for the time of one crash. Saved where the script can find them, too."""

    def __init__(self, small, lock):
        self.saved_as = os.path.join(small, "settings")
        self.lock_as = lock
        self.lock = None
        self.old = {}

    @staticmethod
    def file_of(name):
        return "/proc/sys/" + name.replace(".", "/")

    @staticmethod
    def write(path, value):
        with open(path, "w", encoding="utf-8") as file:
            file.write(value + "\n")

    def set(self, settings):
        self.lock = open(self.lock_as, "w", encoding="utf-8")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        for name in settings:
            with open(self.file_of(name), encoding="utf-8") as file:
                self.old[self.file_of(name)] = file.read().strip()
        with open(self.saved_as, "w", encoding="utf-8") as file:
            file.writelines(f"{path} {value}\n" for path, value in self.old.items())
        for name, value in settings.items():
            self.write(self.file_of(name), value)

    def restore(self):
        for path, value in self.old.items():
            self.write(path, value)
        self.old = {}
        if self.lock:
            os.truncate(self.saved_as, 0)
            self.lock.close()
            self.lock = None
