// SPDX-License-Identifier: GPL-2.0-or-later
// The far side of a PcmPort: a line's file, a queue each way, and what listens for digits and voices. Knows nothing of the conference.
#ifndef CALLFLOOR_PCM_LINE_HPP
#define CALLFLOOR_PCM_LINE_HPP

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>

#include "callfloor_media.hpp"
#include "conf_port.hpp"
#include "pcm_ear.hpp"
#include "pcm_file.hpp"

namespace callfloor {

// A small first-in first-out queue of bytes in one flat buffer.
class ByteQueue {
public:
    static constexpr std::size_t kCapacity = 64 * kFrameBytes;

    const unsigned char *data() const { return bytes_.data(); }
    std::size_t size() const { return size_; }
    std::size_t room() const { return kCapacity - size_; }
    void clear() { size_ = 0; }
    void append(const void *bytes, std::size_t count);
    void erase(std::size_t offset, std::size_t count);

private:
    std::array<unsigned char, kCapacity> bytes_;
    std::size_t size_ = 0;
};

class PcmLine : public FrameEnd {
public:
    // Takes over both descriptors. event_fd may be -1.
    PcmLine(int fd, int event_fd, unsigned prime_frames, unsigned max_frames);
    ~PcmLine() override;

    bool give(std::int16_t *samples) override;
    void take(const std::int16_t *samples, std::uint64_t timestamp) override;

    void pause(bool paused);
    bool lost() const;
    PcmPortStats stats() const;
    // Closes the descriptors; give() and take() do nothing afterwards.
    void close();

private:
    void read_available();
    void received(const unsigned char *bytes, std::size_t count);
    bool next_frame(std::int16_t *samples);
    void correct_drift();
    void forget_unheard();
    void write_out();
    void forget_unsent();
    void lose();
    void report(char event) const;

    mutable std::mutex mutex_;  // held for microseconds: by the conference each tick, by others to change or count
    std::unique_ptr<PcmFile> file_;  // null once closed
    int event_fd_;
    const unsigned prime_frames_;
    const unsigned max_frames_;
    bool paused_ = false;
    bool lost_ = false;

    ByteQueue in_;
    bool primed_ = false;
    bool asked_ = false;           // the conference asked for a frame in this tick
    unsigned silent_ticks_ = 0;    // underruns in a row
    std::size_t shortest_ = 0;     // least bytes queued in the present drift window
    unsigned window_ticks_ = 0;
    unsigned burst_ticks_ = 0;     // ticks in a row with two frames more than primed

    ByteQueue out_;
    bool half_sample_sent_ = false;  // the last write ended in the middle of a sample
    std::size_t sent_bytes_ = 0;

    PcmEar ear_;

    PcmPortStats stats_{};
};

}  // namespace callfloor

#endif
