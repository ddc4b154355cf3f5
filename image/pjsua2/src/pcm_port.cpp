// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "callfloor_media.hpp"
#include "pcm_line.hpp"

namespace callfloor {
namespace {

int duplicate_nonblocking(int fd, const char *name) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) raise_errno(errno, "PcmPort.open()", name);
    const int flags = ::fcntl(copy, F_GETFL);
    if (flags < 0 || ::fcntl(copy, F_SETFL, flags | O_NONBLOCK) < 0) {
        const int error = errno;
        ::close(copy);
        raise_errno(error, "PcmPort.open()", name);
    }
    return copy;
}

}  // namespace

PcmPort::PcmPort() : port_(nullptr) {}

PcmPort::~PcmPort() { close(); }

void PcmPort::open(int fd, int event_fd, unsigned prime_frames, unsigned max_frames) {
    if (line_) throw pj::Error(PJ_EEXISTS, "PcmPort.open()", "already open", __FILE__, __LINE__);
    const int audio = duplicate_nonblocking(fd, "fd");
    int events = -1;
    if (event_fd >= 0) {
        try {
            events = duplicate_nonblocking(event_fd, "event_fd");
        } catch (...) {
            ::close(audio);
            throw;
        }
    }
    auto line = std::make_shared<PcmLine>(audio, events, prime_frames, max_frames);
    port_ = make_conf_port("pcm", line);
    try {
        registerMediaPort2(port_, conf_port_pool(port_));
    } catch (...) {
        pjmedia_port_destroy(port_);
        port_ = nullptr;
        throw;
    }
    line_ = line;
}

void PcmPort::pause(bool paused) {
    if (line_) line_->pause(paused);
}

bool PcmPort::lost() const { return line_ && line_->lost(); }

PcmPortStats PcmPort::stats() const { return line_ ? line_->stats() : PcmPortStats{}; }

void PcmPort::close() {
    if (!port_) return;
    line_->close();
    if (library_alive()) {
        try {
            unregisterMediaPort();
        } catch (const pj::Error &) {
            // Already removed by the conference; nothing of ours depends on it.
        }
        pjmedia_port_destroy(port_);
    }
    port_ = nullptr;
}

}  // namespace callfloor
