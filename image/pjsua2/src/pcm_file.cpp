// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcm_file.hpp"

#include <cerrno>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "conf_port.hpp"
#include "dahdi_file.hpp"

namespace callfloor {
namespace {

constexpr std::size_t kMostQueued = 3 * kFrameBytes;  // 60 ms: a USB serial driver takes kilobytes

class TtyFile : public PcmFile {
public:
    explicit TtyFile(int fd) : PcmFile(fd) {}

    // A tty with VMIN=0 returns 0 for "nothing now" even when non-blocking (termios(3)), so ask for the hang-up itself.
    ssize_t read(void *bytes, std::size_t most) override {
        const ssize_t got = PcmFile::read(bytes, most);
        if (got != 0 || hung_up()) return got;
        errno = EAGAIN;
        return -1;
    }

    bool wants(std::size_t) const override {
        int queued = 0;
        return ::ioctl(fd_, TIOCOUTQ, &queued) != 0 || queued < static_cast<int>(kMostQueued);
    }

private:
    bool hung_up() const {
        pollfd state{fd_, POLLIN, 0};
        return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR | POLLNVAL));
    }
};

class PlainFile : public PcmFile {
public:
    explicit PlainFile(int fd) : PcmFile(fd) {}
};

}  // namespace

std::unique_ptr<PcmFile> PcmFile::open(int fd) {
    if (::isatty(fd) == 1) return std::make_unique<TtyFile>(fd);
    if (auto channel = DahdiFile::open(fd)) return channel;
    return std::make_unique<PlainFile>(fd);
}

PcmFile::~PcmFile() { ::close(fd_); }

ssize_t PcmFile::read(void *bytes, std::size_t most) { return ::read(fd_, bytes, most); }

ssize_t PcmFile::write(const void *bytes, std::size_t count) { return ::write(fd_, bytes, count); }

bool PcmFile::wants(std::size_t) const { return true; }

bool PcmFile::sends_by_itself() const { return false; }

}  // namespace callfloor
