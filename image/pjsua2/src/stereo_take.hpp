// SPDX-License-Identifier: GPL-2.0-or-later
// One recording: both channels' frames meet here, wait in a ring, and are written by the DiskWriter.
#ifndef CALLFLOOR_STEREO_TAKE_HPP
#define CALLFLOOR_STEREO_TAKE_HPP

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "conf_port.hpp"
#include "disk_writer.hpp"
#include "wav_file.hpp"

namespace callfloor {

class StereoTake : public DiskJob {
public:
    explicit StereoTake(unsigned fsync_ms);

    // Returns 0 or errno.
    int create(const std::string &path) { return file_.create(path); }

    // One channel's frame (0 left, 1 right) of the tick at `timestamp`; nullptr is silence. Never blocks.
    void put(unsigned channel, const std::int16_t *samples, std::uint64_t timestamp);

    // No frames are taken from now on; the writer finishes the file.
    void finish();
    void wait_finished();

    double seconds() const { return static_cast<double>(frames_) * kFrameSamples / kRate; }
    unsigned long long lost_frames() const { return lost_; }
    int error() const { return error_; }

    bool drain(Clock::time_point now) override;
    bool sync_due(Clock::time_point now) const override;
    void sync() override;

private:
    struct Slot {
        std::uint32_t silence_before;  // lost frames that belong in front of this one
        std::int16_t pairs[2 * kFrameSamples];
    };
    static constexpr std::size_t kSlots = 250;  // 5 s

    void begin_tick(std::uint64_t timestamp);
    void end_tick();
    void next_slot();
    bool write_waiting();
    bool write_silence(std::uint32_t frames);
    void refused(std::size_t frames);
    void finish_file();

    // Conference thread's side. The mutex guards it against finish(), not against the writer.
    std::mutex mutex_;
    bool stopped_ = false;
    bool in_tick_ = false;
    std::uint64_t timestamp_ = 0;
    bool slot_open_ = false;
    std::uint32_t lost_run_ = 0;

    // The ring: slots [tail_, head_) are complete. Only the conference moves head_, only the writer tail_.
    std::vector<Slot> slots_;
    std::atomic<std::uint64_t> head_{0};
    std::atomic<std::uint64_t> tail_{0};
    std::atomic<std::uint64_t> frames_{0};
    std::atomic<unsigned long long> lost_{0};
    std::atomic<int> error_{0};

    // Writer thread's side.
    WavFile file_;
    const std::chrono::milliseconds sync_every_;
    Clock::time_point header_written_;
    Clock::time_point synced_;
    bool header_behind_ = false;
    bool unsynced_ = false;

    std::mutex finish_mutex_;
    std::condition_variable finish_changed_;
    bool finishing_ = false;
    bool finished_ = false;
};

// One sink of a take.
class TrackEnd : public FrameEnd {
public:
    TrackEnd(std::shared_ptr<StereoTake> take, unsigned channel) : take_(std::move(take)), channel_(channel) {}
    bool give(std::int16_t *) override { return false; }
    void take(const std::int16_t *samples, std::uint64_t timestamp) override {
        take_->put(channel_, samples, timestamp);
    }

private:
    std::shared_ptr<StereoTake> take_;
    unsigned channel_;
};

}  // namespace callfloor

#endif
