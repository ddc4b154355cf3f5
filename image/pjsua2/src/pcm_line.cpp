// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcm_line.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace callfloor {
namespace {

constexpr unsigned kStoppedTicks = 10;      // 200 ms without audio: the line stopped, later audio is a new start
constexpr unsigned kDriftWindowTicks = 150; // 3 s, for one frame too many ...
constexpr unsigned kBurstTicks = 25;        // ... and 0.5 s for more: what the other side was behind came at once
constexpr unsigned kReadsPerTick = 8;
constexpr std::size_t kMaxOutBytes = 4 * kFrameBytes;  // 80 ms wait here at most, besides what the driver wants to have

}  // namespace

void ByteQueue::append(const void *bytes, std::size_t count) {
    count = std::min(count, room());
    std::memcpy(bytes_.data() + size_, bytes, count);
    size_ += count;
}

void ByteQueue::erase(std::size_t offset, std::size_t count) {
    std::memmove(bytes_.data() + offset, bytes_.data() + offset + count, size_ - offset - count);
    size_ -= count;
}

PcmLine::PcmLine(int fd, int event_fd, unsigned prime_frames, unsigned max_frames)
    : file_(PcmFile::open(fd)),
      event_fd_(event_fd),
      prime_frames_(std::max(prime_frames, 1U)),
      max_frames_(std::min(std::max(max_frames, std::max(prime_frames, 1U) + 1), 32U)),
      ear_([this](char digit) { report(digit); }) {}

PcmLine::~PcmLine() { close(); }

void PcmLine::close() {
    std::lock_guard<std::mutex> hold(mutex_);
    file_.reset();
    if (event_fd_ >= 0) ::close(event_fd_);
    event_fd_ = -1;
}

bool PcmLine::give(std::int16_t *samples) {
    std::lock_guard<std::mutex> hold(mutex_);
    asked_ = true;
    read_available();
    return next_frame(samples);
}

void PcmLine::take(const std::int16_t *samples, std::uint64_t) {
    static const std::int16_t silence[kFrameSamples] = {};
    std::lock_guard<std::mutex> hold(mutex_);
    if (!asked_) {
        // Nobody listens, but DTMF and hang-up must still be seen.
        read_available();
        forget_unheard();
    }
    asked_ = false;
    if (!file_ || lost_ || paused_) return;
    if (file_->sends_by_itself()) return forget_unsent();
    // Silence is sent too: a modem whose uplink runs dry plays its queue late when audio comes back.
    out_.append(samples ? samples : silence, kFrameBytes);
    write_out();
}

void PcmLine::read_available() {
    unsigned char chunk[PcmEar::kMostBytes];
    for (unsigned i = 0; i < kReadsPerTick && file_ && !lost_; ++i) {
        const ssize_t got = file_->read(chunk, sizeof chunk);
        if (got > 0) {
            received(chunk, static_cast<std::size_t>(got));
        } else if (got == 0) {
            return lose();
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            lose();
        }
    }
}

void PcmLine::received(const unsigned char *bytes, std::size_t count) {
    ear_.hear(bytes, count);
    while (in_.size() + count >= (max_frames_ + 1) * kFrameBytes && in_.size() >= kFrameBytes) {
        in_.erase(0, kFrameBytes);
        ++stats_.dropped_in;
    }
    in_.append(bytes, count);
    while (in_.size() >= (max_frames_ + 1) * kFrameBytes) {
        in_.erase(0, kFrameBytes);
        ++stats_.dropped_in;
    }
}

bool PcmLine::next_frame(std::int16_t *samples) {
    if (!primed_) {
        const std::size_t enough = prime_frames_ * kFrameBytes;
        if (in_.size() < enough) return false;
        // What came before anybody listened would only make all that follows late.
        const std::size_t surplus = (in_.size() - enough) / kFrameBytes;
        if (surplus > 1) {
            in_.erase(0, surplus * kFrameBytes);
            stats_.dropped_in += surplus;
        }
        primed_ = true;
        shortest_ = in_.size();
        window_ticks_ = 0;
    }
    if (in_.size() < kFrameBytes) {
        // The frame that comes late will wait one tick longer than its forerunners: that is the re-priming.
        if (++silent_ticks_ >= kStoppedTicks) {
            primed_ = false;
            silent_ticks_ = 0;
        } else {
            ++stats_.underruns;
            shortest_ = 0;
        }
        return false;
    }
    silent_ticks_ = 0;
    correct_drift();
    std::memcpy(samples, in_.data(), kFrameBytes);
    in_.erase(0, kFrameBytes);
    ++stats_.frames_in;
    return true;
}

// The modem's clock is not ours, and either side may have been away for a moment. A queue that was never shorter than one
// frame more than primed, for a whole window, only adds delay: shorten it by a frame.
void PcmLine::correct_drift() {
    shortest_ = std::min(shortest_, in_.size());
    burst_ticks_ = in_.size() >= (prime_frames_ + 2) * kFrameBytes ? burst_ticks_ + 1 : 0;
    const bool drifted = ++window_ticks_ >= kDriftWindowTicks && shortest_ >= (prime_frames_ + 1) * kFrameBytes;
    if (drifted || burst_ticks_ >= kBurstTicks) {
        in_.erase(0, kFrameBytes);
        ++stats_.drift_drops;
        window_ticks_ = kDriftWindowTicks;  // a window is over
    }
    if (window_ticks_ < kDriftWindowTicks) return;
    shortest_ = in_.size();
    window_ticks_ = 0;
    burst_ticks_ = 0;
}

// Audio nobody hears is not kept; only the half sample at the end is, so that the stream stays aligned.
void PcmLine::forget_unheard() {
    in_.erase(0, in_.size() - in_.size() % 2);
    primed_ = false;
    silent_ticks_ = 0;
}

void PcmLine::write_out() {
    while (out_.size() > 0 && file_->wants(out_.size())) {
        const ssize_t put = file_->write(out_.data(), out_.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0 && errno != EAGAIN) lose();
        if (put <= 0) break;
        const std::size_t count = static_cast<std::size_t>(put);
        out_.erase(0, count);
        sent_bytes_ += count;
        if (count % 2 != 0) half_sample_sent_ = !half_sample_sent_;
        stats_.frames_out += sent_bytes_ / kFrameBytes;
        sent_bytes_ %= kFrameBytes;
    }
    while (out_.size() > kMaxOutBytes) {
        // The second half of a sample already begun must go out first.
        out_.erase(half_sample_sent_ ? 1 : 0, kFrameBytes);
        ++stats_.dropped_out;
    }
}

// The second half of a sample already begun still goes out.
void PcmLine::forget_unsent() {
    const std::size_t begun = half_sample_sent_ ? 1 : 0;
    if (out_.size() > begun) out_.erase(begun, out_.size() - begun);
}

void PcmLine::lose() {
    if (lost_) return;
    lost_ = true;
    report('X');
}

void PcmLine::report(char event) const {
    // A full event pipe means nobody has read for thousands of events; blocking the conference would not help.
    if (event_fd_ >= 0) {
        const ssize_t ignored = ::write(event_fd_, &event, 1);
        (void)ignored;
    }
}

void PcmLine::pause(bool paused) {
    std::lock_guard<std::mutex> hold(mutex_);
    if (paused && !paused_) forget_unsent();
    paused_ = paused;
}

bool PcmLine::lost() const {
    std::lock_guard<std::mutex> hold(mutex_);
    return lost_;
}

PcmPortStats PcmLine::stats() const {
    std::lock_guard<std::mutex> hold(mutex_);
    PcmPortStats now = stats_;
    now.voice_frames = ear_.voice_frames();
    now.buffered = static_cast<unsigned>(in_.size() / kFrameBytes);
    return now;
}

}  // namespace callfloor
